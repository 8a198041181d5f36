"""What a model needs to know of other devices that train it too, on the current backend.

A global batch is split over replicas: JAX's devices under `keras.distribution.DataParallel`,
TensorFlow's under `tf.distribute`, PyTorch's processes of `torch.distributed`. Losses, gradients,
partners and random numbers are those of the global batch, so that N devices learn what one would.
On JAX the compiler sees to that; each module here has

- `count()`: how many replicas there are;
- `gather(x)`: the global batch that this replica's part `x` belongs to, with gradients;
- `part(x, size)`: this replica's `size` items of a global batch;
- `total(x)`: the sum of a tensor over all replicas, without gradients;
- `mean(tensors)`: a list of gradients, averaged over all replicas where the optimizer does not;
- `log(values)`: a dict of scalars, averaged over all replicas where Keras's metrics do not.
"""

import importlib

import keras

backend = importlib.import_module(f"keras_acai.replicas.{keras.backend.backend()}")
count = backend.count
gather = backend.gather
part = backend.part
total = backend.total
mean = backend.mean
log = backend.log


def draw(distribution, shape, seed):
    """Random numbers for this replica's part of the batch: what one device would draw for it.

    Args:
        distribution: a function of `keras.random`.
        shape: (n, …), n images of this replica.
        seed: `keras.random.SeedGenerator`, in step on all replicas.
    """
    if count() == 1:
        return distribution(shape, seed=seed)
    everything = distribution((shape[0] * count(), *shape[1:]), seed=seed)
    return part(everything, shape[0])
