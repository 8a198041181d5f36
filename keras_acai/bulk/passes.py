"""One pass over a source: batches are read in a thread while the one before is computed."""

import concurrent.futures
import itertools
import warnings

import numpy as np

from keras_acai.bulk import tables
from keras_acai.errors import PictureError

METHODS = {  # what is computed → the model's method
    "codes": "features",
    "indices": "encode_indices",
    "error": "reconstruction_error",
    "alpha": "estimate_alpha",
}
COLUMNS = {"indices": "codes"}  # where the name of the column is another


def run(source, model, what, spans, batch_size, track=lambda count: None):
    """Computes codes, their indices, errors or estimates of α for the images of a source.

    Args:
        source: as of `sources.open_source`.
        model: a model of `keras_acai`.
        what: a key of `METHODS`.
        spans: iterable of (start, stop), positions.
        batch_size: int. Images that are read and computed at once.
        track: callable. Called with the number of images of each batch. Defaults to no report.

    Yields:
        (span, table) for each span, in order: a dict of arrays, (n, …), without the images.
    """
    compute = _function(model, what, batch_size)
    reading = _ahead(lambda cut: (cut, source.read(*cut[1])), _cuts(spans, batch_size))
    for span, batches in itertools.groupby(reading, lambda read: read[0][0]):
        done = []
        for (_, (start, stop)), table in batches:
            results = compute(table.pop("x"))
            done.append({**table, COLUMNS.get(what, what): results})
            track(stop - start)
        yield span, tables.concatenate(done)


def method_of(model, what):
    """Returns the method of a model that computes it, or raises a `ValueError`."""
    if what not in METHODS:
        raise ValueError(f"what={what!r}: choose from {', '.join(METHODS)}.")
    method = getattr(model, METHODS[what], None)
    if method is None:
        other = "a VQVAE" if what == "indices" else "an ACAI"
        raise ValueError(f"{type(model).__name__} has no {METHODS[what]}: use {other}.")
    return method


def report_unreadable(missing, count, names):
    """Warns of pictures that were left out, or raises a `PictureError` if all of them were.

    Args:
        missing: int. How many there are.
        count: int. The number of all pictures.
        names: list of str. Those that were found in this call.
    """
    example = f", such as {names[0]}" if names else ""
    if missing == count:
        raise PictureError(f"None of {count} pictures is readable{example}: check the files.")
    if missing:
        warnings.warn(f"Unreadable pictures were left out: {missing}{example}.", stacklevel=3)


def _cuts(spans, batch_size):
    """Yields (span, (start, stop)) of each batch."""
    for span in spans:
        for start in range(*span, batch_size):
            yield span, (start, min(start + batch_size, span[1]))


def _ahead(function, items):
    """Yields function(item) of each item; the next one is computed in a thread meanwhile."""
    with concurrent.futures.ThreadPoolExecutor(1, "reading") as pool:
        submitted = (pool.submit(function, item) for item in items)
        for now, _ in itertools.pairwise(itertools.chain(submitted, [None])):
            yield now.result()


def _function(model, what, batch_size):
    """A function of at most `batch_size` images, which are padded, so that it is compiled once."""
    method = method_of(model, what)
    sizes = {"codes": (model.code_size,), "indices": (getattr(model, "num_latents", 0),)}
    empty = np.empty((0, *sizes.get(what, ())), "int32" if what == "indices" else "float32")
    options = {"verbose": 0} if what == "codes" else {}

    def apply(images):
        count = len(images)
        if not count:
            return empty
        floats = model.value_range is not None and images.dtype != "uint8"
        given = options | ({"value_range": (-1, 1)} if floats else {})
        padded = np.concatenate([images, np.repeat(images[-1:], batch_size - count, 0)])
        return method(padded, batch_size, **given)[:count].astype(empty.dtype, copy=False)

    return apply
