"""What holds pictures: lists of files, tars and Parquet files, opened by position."""

import io
import os
import pathlib
import tarfile

import numpy as np

from keras_acai import files
from keras_acai.bulk.shards import MANIFEST
from keras_acai.datasets import pictures
from keras_acai.errors import DatasetError, PictureError, first_line

TARS = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
PARQUET = ".parquet"


def open_all(paths, column=None):
    """Opens the containers that paths name: a picture, a folder, a tar or a Parquet file each.

    A folder without pictures stands for the tars and Parquet files in it. Names are those inside
    the container if there is only one path.

    Args:
        paths: list of `pathlib.Path`.
        column: str. The column of pictures in Parquet files. Defaults to None: the only one, or
            `image`.

    Returns:
        list of containers: `len(container)`, `read(start, stop)` → (files, columns), a list of
        paths or binary files and a dict of arrays, and `fingerprint()`.

    Raises:
        DatasetError: for damaged files, different columns, and if there is no picture at all.
    """
    alone = len(paths) == 1
    parts = [part for path in paths for part in _open(path, alone, column)]
    if not sum(map(len, parts)):
        raise PictureError(f"{_listed(paths)} has no picture: pass pictures, folders or tars.")
    kinds = {tuple(part.columns): part for part in parts}
    if len(kinds) > 1:
        one, other, *_ = kinds.values()
        raise DatasetError(
            f"{one} and {other} have different columns, {list(one.columns)} and "
            f"{list(other.columns)}: encode them to folders of their own."
        )
    return parts


class Files:
    """Picture files."""

    columns = ("names",)

    def __init__(self, paths, folder=None):
        self.paths = [os.fspath(path) for path in paths]
        self.folder = folder

    def __len__(self):
        return len(self.paths)

    def __str__(self):
        return str(self.folder or self.paths[0])

    def read(self, start, stop):
        """Returns the paths of files, and their names."""
        paths = self.paths[start:stop]
        return paths, {"names": np.array([self._name(path) for path in paths])}

    def fingerprint(self):
        """Returns a hash that changes when a file does."""
        return files.fingerprint(self.paths, map(self._name, self.paths))

    def _name(self, path):
        path = pathlib.Path(path)
        return pictures.printed((path.relative_to(self.folder) if self.folder else path).as_posix())


class Tar:
    """The pictures in a tar, compressed or not, in its order. It is unpacked nowhere."""

    columns = ("names",)

    def __init__(self, path, prefix=""):
        self.path, self.prefix = path, prefix
        self.names, self.places = [], []
        ends = pictures.suffixes()
        try:
            self.tar = tarfile.open(path)
            while (member := self.tar.next()) is not None:
                if member.isfile() and pathlib.Path(member.name).suffix.lower() in ends:
                    self.names.append(member.name)
                    self.places.append((member.offset_data, member.size))
                self.tar.members.clear()  # which would grow with the tar
        except (tarfile.TarError, EOFError, OSError) as error:
            reason = first_line(error)
            raise DatasetError(f"{path} is not a tar, or is damaged: {reason}.") from error

    def __len__(self):
        return len(self.names)

    def __str__(self):
        return str(self.path)

    def read(self, start, stop):
        """Returns pictures as binary files, and their names."""
        opened = [io.BytesIO(self._bytes(*place)) for place in self.places[start:stop]]
        names = [pictures.printed(self.prefix + name) for name in self.names[start:stop]]
        return opened, {"names": np.array(names)}

    def fingerprint(self):
        """Returns a hash that changes when the tar does."""
        return files.fingerprint([self.path])

    def _bytes(self, offset, size):
        self.tar.fileobj.seek(offset)
        return self.tar.fileobj.read(size)


def _open(path, alone, column):
    """The containers of one path."""
    if path.is_dir():
        found = pictures.pictures_in(path)
        if found:
            return [Files(found, path if alone else None)]
        return [part for each in _archives(path) for part in _open(each, False, column)]
    if _is_tar(path):
        return [Tar(path, "" if alone else f"{path.as_posix()}/")]
    if path.suffix.lower() == PARQUET:
        from keras_acai.bulk.parquet import Parquet

        return [Parquet(path, column)]
    return [Files([path])]


def _archives(folder):
    """The tars and Parquet files below a folder, sorted, without hidden ones and codes."""
    paths = sorted(path for path in folder.rglob("[!._]*") if path.is_file())
    found = [path for path in paths if _is_tar(path) or path.suffix.lower() == PARQUET]
    return [path for path in found if not (path.parent / MANIFEST).exists()]


def _is_tar(path):
    return path.name.lower().endswith(TARS)


def _listed(paths):
    return ", ".join(map(str, paths[:3])) + (" …" if paths[3:] else "")
