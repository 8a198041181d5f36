"""TensorFlow: see `keras_acai.backend` for the contract."""

import contextlib
import functools
import os
import warnings

import keras
import numpy as np
import tensorflow as tf

from keras_acai.backend import algebra
from keras_acai.backend.tensorflow.adam import fuse_adam
from keras_acai.backend.tensorflow.convolutions import convolve as convolve
from keras_acai.backend.tensorflow.convolutions import convolve_doubled as convolve_doubled

# The train step


class TrainStep:
    """`train_step` and `test_step` for `keras.Model`, with one tape."""

    def make_train_function(self, force=False):
        warn_without_onednn()
        for optimizer in getattr(self.optimizer, "optimizers", [self.optimizer]):
            fuse_adam(optimizer)
        return super().make_train_function(force)

    def train_step(self, data):
        with tf.GradientTape() as tape:
            losses = self.player_losses(data, training=True)
            scaled = [self.optimizer.scale_loss(loss) for loss in losses.values()]
        variables = self.variables_of(losses)
        gradients = tape.gradient(scaled, variables)
        # Without this, a stream that ends within a step would still count it.
        with tf.control_dependencies(list(losses.values())):
            self.optimizer.apply(average_gradients(gradients), variables)
        return self.step_logs(losses)

    def test_step(self, data):
        return self.step_logs(self.player_losses(data, training=False))


def two_sided(network, function, x, *others):
    @tf.custom_gradient
    def views(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = function(x)

        def pull(for_input, for_weights, variables=()):
            cotangent, factor = algebra.shared_cotangent(for_input, for_weights)
            to_x, *to_weights = tape.gradient(y, [x, *variables], output_gradients=cotangent)
            return algebra.scale_per_image(to_x, factor), to_weights

        return (tf.identity(y), tf.identity(y)), pull

    return *views(x), *(function(tf.stop_gradient(other)) for other in others)


def together(function, *batches):
    """One after the other: TensorFlow computes independent operations at the same time."""
    return [function(batch) for batch in batches]


def compiled(model, function):
    """`function` as one graph. Shapes that vary are traced once.

    TensorFlow warns of retracing by the code of a function, which all models share. A partial
    function has none, so it counts for itself.
    """
    del model  # its variables are captured
    alone = functools.partial(function)
    return tf.function(alone, reduce_retracing=True, autograph=False)


@contextlib.contextmanager
def bare_step(model, x):
    iterator = iter(tf.data.Dataset.from_tensors((x,)).repeat())

    def step():
        logs = model.train_function(iterator)
        return (logs.get_value() if hasattr(logs, "get_value") else logs)["loss"]

    yield step


@functools.cache
def warn_without_onednn():
    """Warns once if TensorFlow leaves a CPU's faster convolutions off."""
    is_chosen = "TF_ENABLE_ONEDNN_OPTS" in os.environ
    if not (is_chosen or uses_onednn() or tf.config.list_physical_devices("GPU")):
        warnings.warn(
            "TensorFlow trains without oneDNN on this CPU, about half as fast as it could: set "
            "TF_ENABLE_ONEDNN_OPTS=1 in the environment before TensorFlow is imported.",
            stacklevel=2,
        )


def uses_onednn():
    """Whether TensorFlow uses oneDNN. True if that is unknown, or not possible on this CPU."""
    try:
        from tensorflow.python.util import _pywrap_util_port as port
    except ImportError:
        return True
    return port.IsMklEnabled() or not port.IsX86Available()


# Operations


def halve(x):
    return tf.nn.avg_pool2d(x, 2, 2, "VALID")


def argmin(rows):
    return tf.argmin(rows, axis=1, output_type=tf.int32)


def is_traced(array):
    return tf.is_tensor(array) and tf.is_symbolic_tensor(array)


# Several devices: the replicas of the current `tf.distribute` strategy


def replica_count():
    return tf.distribute.get_strategy().num_replicas_in_sync if _replica() else 1


def gather(x):
    return _replica().all_gather(x, axis=0) if replica_count() > 1 else x


def replica_part(x, size):
    if replica_count() == 1:
        return x
    start = _replica().replica_id_in_sync_group * size
    return x[start : start + size]


def replica_sum(x):
    return _replica().all_reduce(tf.distribute.ReduceOp.SUM, x) if replica_count() > 1 else x


def average_gradients(gradients):
    """Divides by the number of replicas; Keras's optimizers add the gradients up."""
    count = replica_count()
    return gradients if count == 1 else [x if x is None else x / count for x in gradients]


def average_logs(values):
    """Nothing to do: Keras's metrics add up over replicas."""
    return values


def any_process(flag):
    return flag


def _replica():
    """The context of a replica's step; None outside of one."""
    return tf.distribute.get_replica_context()


# The machine


def use_devices(count):
    """Mirrors the model on so many GPUs, or on as many virtual devices of a CPU."""
    if count == 1:
        return contextlib.nullcontext
    gpus = tf.config.list_physical_devices("GPU")
    if not gpus:
        (cpu,) = tf.config.list_physical_devices("CPU")
        virtual = [tf.config.LogicalDeviceConfiguration() for _ in range(count)]
        tf.config.set_logical_device_configuration(cpu, virtual)
    kind = "GPU" if gpus else "CPU"
    available = len(tf.config.list_logical_devices(kind))
    if available < count:
        raise ValueError(f"this machine has {available} devices.")
    return tf.distribute.MirroredStrategy([f"{kind}:{index}" for index in range(count)]).scope


def relaunch(module, arguments, count):
    """Nothing to do: one process drives all devices."""


ONE_PROCESS_PER_DEVICE = False


def process_count():
    return 1


def process_index():
    return 0


def end_joint_training():
    return False


def device_name():
    gpus = tf.config.list_physical_devices("GPU")
    if not gpus:
        return None
    return tf.config.experimental.get_device_details(gpus[0]).get("device_name", "GPU")


def has_accelerator():
    return not keras.distribution.list_devices()[0].startswith("cpu")


GAINS_BY_BFLOAT16 = True
EXPORTS = {
    "onnx": ("onnx", "tf2onnx"),
    "tf_saved_model": (),
    "litert": (),
    "openvino": ("openvino",),
}


def make_deterministic():
    tf.config.experimental.enable_op_determinism()


def default_steps_per_execution():
    return None


def can_hold_images():
    return False


def portable(config):
    return config


# tf.data, which any backend may be given


def checked_dataset(dataset, check):
    """A `tf.data.Dataset` of what `check` returns for each batch, on the host.

    Args:
        dataset: `tf.data.Dataset` of batches.
        check: callable. Batch → tuple of arrays; raises a `ValueError`. It sees a batch of
            `KerasTensor`s first, to refuse a wrong shape or dtype at once.
    """
    checked = check(tf.nest.map_structure(_as_keras_tensor, dataset.element_spec))
    dtypes = [keras.backend.standardize_dtype(tensor.dtype) for tensor in checked]

    def check_values(*flat):
        batch = tf.nest.pack_sequence_as(dataset.element_spec, flat)
        return [np.asarray(array, dtype) for array, dtype in zip(check(batch), dtypes)]

    def check_in_graph(*batch):
        arrays = tf.numpy_function(check_values, tf.nest.flatten(batch), dtypes)
        for array, tensor in zip(arrays, checked):
            array.set_shape(tensor.shape)
        return tuple(arrays) if len(arrays) > 1 else arrays[0]

    return dataset.map(check_in_graph)


def _as_keras_tensor(spec):
    if isinstance(spec, tf.TensorSpec):
        return keras.KerasTensor(spec.shape, spec.dtype.name)
    return spec
