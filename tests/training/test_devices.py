"""Every process reads its part of the same global batches."""

import keras
import numpy as np
import pytest

from keras_acai.datasets import Shuffled
from training.devices import Devices
from training.errors import RunError


@pytest.fixture
def stream():
    x = np.arange(24, dtype="uint8").reshape(24, 1, 1, 1)
    return Shuffled(x, np.arange(24), 6, seed=0)


def member(index, processes):
    """One of several processes."""
    devices = Devices()
    devices.index, devices.processes = index, processes
    return devices


def test_one_device_reads_everything(stream):
    devices = Devices()
    assert devices.is_first and devices.share(stream, 6) is stream and devices.any(True)
    assert not devices.any(False)


@pytest.mark.parametrize("processes", [2, 3])
def test_parts_make_up_the_batch(stream, processes):
    parts = [member(index, processes).share(stream, 6) for index in range(processes)]
    assert [member(index, processes).is_first for index in range(processes)].count(True) == 1
    for number in (0, 5):
        for whole, *cut in zip(stream[number], *[part[number] for part in parts]):
            np.testing.assert_array_equal(np.concatenate(cut), whole)
    assert parts[0].num_batches is None


def test_unlabelled_batches():
    x = np.arange(8, dtype="uint8").reshape(8, 1, 1, 1)
    assert member(1, 2).share(Shuffled(x, None, 4, seed=0), 4)[0].shape == (2, 1, 1, 1)


def test_a_batch_that_cannot_be_shared(stream):
    with pytest.raises(RunError, match="cannot be shared by 4 devices"):
        member(0, 4).share(stream, 6)


def test_steps_at_once_divide_those_of_an_epoch():
    assert Devices().steps_per_execution(36) in (1, 4)  # without and with a GPU
    if keras.backend.backend() == "jax":
        assert Devices(at_once=64).steps_per_execution(1024) == 64
        assert Devices(at_once=64).steps_per_execution(36) == 4
    else:
        with pytest.raises(RunError, match="for JAX alone"):
            Devices(at_once=64)
    with pytest.raises(RunError, match="give 1 or more"):
        Devices(at_once=0)
