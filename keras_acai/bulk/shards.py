"""A folder of Parquet shards, each written whole: those that exist need not be made again."""

import dataclasses
import pathlib

from keras_acai import files

MANIFEST = "_encode.json"  # readers of Parquet folders skip names with an underscore


@dataclasses.dataclass(frozen=True)
class Shards:
    """The shards of a number of images.

    Args:
        folder: path.
        count: int. The number of images.
        size: int. Images per shard; the last one has fewer.
    """

    folder: pathlib.Path
    count: int
    size: int

    def __len__(self):
        return -(-self.count // self.size)

    def path(self, number):
        """Returns the path of a shard."""
        return self.folder / f"codes-{number:05}-of-{len(self):05}.parquet"

    def span(self, number):
        """Returns the positions of a shard's images, (start, stop)."""
        return number * self.size, min((number + 1) * self.size, self.count)

    def missing(self):
        """Returns the numbers of the shards that are not there yet."""
        return [number for number in range(len(self)) if not self.path(number).exists()]

    def begin(self, description):
        """Records what is encoded, or checks it against the record of an earlier start.

        Args:
            description: dict that JSON can hold. All that the codes depend on.

        Raises:
            ValueError: if the folder holds codes of anything else.
        """
        path = self.folder / MANIFEST
        recorded = files.read_json(path)
        if recorded is None:
            if any(self.folder.glob("codes-*.parquet")):
                raise ValueError(
                    f"{self.folder} holds codes without {MANIFEST}: write to another folder."
                )
            files.write_json(path, description)
            return
        other = [name for name, value in description.items() if recorded.get(name) != value]
        if other:
            raise ValueError(
                f"{self.folder} holds codes of another {other[0].replace('_', ' ')}: write to "
                "another folder, or delete this one."
            )
