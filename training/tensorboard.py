"""TensorBoard logs of a run, without TensorFlow."""

import math


class Board:
    """The logs of one process; a context that closes them.

    Args:
        run: the `Run`, in whose folder `logs` they lie.
        images: int. Seen so far; what an earlier process logged beyond is hidden.
    """

    def __init__(self, run, images):
        from tensorboardX import SummaryWriter

        folder = str(run.folder / "logs")
        self._writer = SummaryWriter(folder, purge_step=images + 1, write_to_disk=run.writes)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._writer.close()

    def write(self, row, figures):
        """Adds the scalars of a row of the history, and Matplotlib figures by name."""
        for name, value in row.items():
            if name != "images" and math.isfinite(value):
                self._writer.add_scalar(name, value, row["images"])
        for name, figure in figures.items():
            self._writer.add_figure(name, figure, row["images"])
        self._writer.flush()
