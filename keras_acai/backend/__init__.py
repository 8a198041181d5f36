"""The only place that names a backend: a package for each, and this contract.

`tensorflow`, `jax` and `torch` hold the same names in the same order. Keras chooses one of them
when this package is imported; everything else calls `backend.<name>`. A new backend is a new
package. The algebra that they share is in `algebra.py`.

**The train step.** One forward pass, one gradient, one optimizer call, whatever the model. A model
sees to it with `keras.ops.stop_gradient` and `two_sided` that every loss reaches the weights of its
own player alone, so the gradient of the sum of all losses is each player's own.

- `TrainStep`: a mixin for `keras.Model`. The model provides `player_losses(data, training)`, one
  forward pass that updates the metrics and returns player's name → loss; `step_logs(losses)`, the
  values of these metrics; `variables_of(names)`, the trainable variables of these players;
  `batch_of(data, arrays=None)` and `resident`, as in `keras_acai.engine.validated`.
- `two_sided(network, function, x, *others)`: `function(x)` as two tensors of equal values.
  Gradients of the first go to `x` alone, those of the second to the weights of `network` alone, in
  one backward pass (see `algebra`). `function(other)` of every other batch follows, with gradients
  for the weights alone. `function` calls `network`, looks at each image by itself and returns one
  number per image, (n,) or (n, 1).
- `together(function, *batches)`: a list of `function(batch)`, by one call for all where that is
  faster. `function` looks at each image by itself.
- `compiled(model, function)`: the fast form of a function of tensors, without gradients.
- `bare_step(model, x)`: a context manager for benchmarks. It yields a function that runs one train
  step on the batch `x`, without `fit` around it, and returns the loss.

**Operations.** Most of a step's time is spent in these. Images are (n, height, width, channels),
kernels (height, width, inputs, outputs), as in Keras.

- `convolve(x, kernel, bias, slope=None)`: a 'same' convolution of stride 1, followed by LeakyReLU
  if there is a slope.
- `convolve_doubled(x, kernel, bias, slope=None)`: the same after every pixel is made 2×2.
- `halve(x)`: the means of 2×2 pixels.
- `argmin(rows)`: the index of the smallest number of each row, (n, m) → (n,); the first of equals.
- `is_traced(array)`: whether a compiler is tracing this tensor, so that it has no values yet.

**Several devices.** A global batch is split over replicas: JAX's devices under
`keras.distribution.DataParallel`, TensorFlow's under `tf.distribute`, PyTorch's processes of
`torch.distributed`. Losses, gradients, partners and random numbers are those of the global batch,
so N devices learn what one would. On JAX the compiler does all this, because arrays are global.

- `replica_count()`: how many replicas there are.
- `gather(x)`: the global batch that this replica's part `x` belongs to, with gradients.
- `replica_part(x, size)`: this replica's `size` items of a global batch.
- `replica_sum(x)`: the sum of a tensor over all replicas, without gradients.
- `average_gradients(gradients)`: their means over all replicas, unless the optimizer does it.
- `average_logs(values)`: a dict of scalars averaged over replicas, unless Keras's metrics do it.
- `draw(distribution, shape, seed)`: random numbers for this replica; below.
- `any_process(flag)`: whether the flag is set in any process.

**The machine.** What a training run needs to know about its devices and processes.

- `use_devices(count)`: spreads training over so many devices, and joins processes started together.
  Returns a context manager for making the model: call it. Raises a `ValueError` if the machine has
  fewer devices.
- `relaunch(module, arguments, count)`: if the backend needs a process for each device, replaces
  this process by a launcher of `count` ones that run the module. Raises as `use_devices`.
- `ONE_PROCESS_PER_DEVICE`: whether it does.
- `process_count()`, `process_index()`: how many processes train together, and which one this is.
- `end_joint_training()`: leaves the other processes. Returns whether models made so far belong to
  all processes, so that this one has to build its own again.
- `device_name()`: the name of the accelerator, or None.
- `has_accelerator()`: whether the backend computes on anything but a CPU.
- `GAINS_BY_BFLOAT16`: whether training gains by mixed_bfloat16 on a CPU that is faster at it.
- `EXPORTS`: format of `keras_acai.export` → the packages that Keras needs to write it.
- `make_deterministic()`: asks for reproducible operations where the backend has a switch for it.
- `default_steps_per_execution()`: how many train steps one call should run, or None if the backend
  gains nothing by several.
- `can_hold_images()`: whether `fit` may choose batches from images that stay on the device.
- `portable(config)`: a serialised optimizer, with class names that all backends know.
"""

import importlib

import keras

_module = importlib.import_module(f"keras_acai.backend.{keras.backend.backend()}")

TrainStep = _module.TrainStep
two_sided = _module.two_sided
together = _module.together
compiled = _module.compiled
bare_step = _module.bare_step

convolve = _module.convolve
convolve_doubled = _module.convolve_doubled
halve = _module.halve
argmin = _module.argmin
is_traced = _module.is_traced

replica_count = _module.replica_count
gather = _module.gather
replica_part = _module.replica_part
replica_sum = _module.replica_sum
average_gradients = _module.average_gradients
average_logs = _module.average_logs
any_process = _module.any_process

use_devices = _module.use_devices
relaunch = _module.relaunch
ONE_PROCESS_PER_DEVICE = _module.ONE_PROCESS_PER_DEVICE
process_count = _module.process_count
process_index = _module.process_index
end_joint_training = _module.end_joint_training
device_name = _module.device_name
has_accelerator = _module.has_accelerator
GAINS_BY_BFLOAT16 = _module.GAINS_BY_BFLOAT16
EXPORTS = _module.EXPORTS
make_deterministic = _module.make_deterministic
default_steps_per_execution = _module.default_steps_per_execution
can_hold_images = _module.can_hold_images
portable = _module.portable


def draw(distribution, shape, seed):
    """Draws this replica's part of the random numbers that one device would draw for the batch.

    Args:
        distribution: a function of `keras.random`.
        shape: (n, …), for the n images of this replica.
        seed: `keras.random.SeedGenerator` with the same state on all replicas.

    Returns:
        A tensor of this shape.
    """
    if replica_count() == 1:
        return distribution(shape, seed=seed)
    for_all = distribution((shape[0] * replica_count(), *shape[1:]), seed=seed)
    return replica_part(for_all, shape[0])
