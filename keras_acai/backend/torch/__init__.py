"""PyTorch: see `keras_acai.backend` for the contract."""

import contextlib
import copy
import functools
import os
import sys

import torch
import torch.distributed as dist
import torch.distributed.nn.functional as differentiable
from keras import ops

from keras_acai.backend import algebra
from keras_acai.backend.torch.convolutions import convolve as convolve
from keras_acai.backend.torch.convolutions import convolve_doubled as convolve_doubled
from keras_acai.backend.torch.convolutions import halve as halve

# The train step


class TrainStep:
    """`train_step` and `test_step` for `keras.Model`, with one `autograd.grad`."""

    def train_step(self, data):
        losses = self.player_losses(self.batch_of(data), training=True)
        variables = self.variables_of(losses)
        if variables:
            gradients = torch.autograd.grad(
                [self.optimizer.scale_loss(loss) for loss in losses.values() if loss.requires_grad],
                [variable.value for variable in variables],
                allow_unused=True,
            )
            with torch.no_grad():
                self.optimizer.apply(average_gradients(gradients), variables)
        return self.step_logs(losses)

    def test_step(self, data):
        return self.step_logs(self.player_losses(data, training=False))


def two_sided(network, function, x, *others):
    variables = [variable.value for variable in network.trainable_variables]
    sizes = [len(batch) for batch in (x, *others)]
    batches = torch.cat([x, *(other.detach() for other in others)])
    for_inputs, for_weights = _Views.apply(function, variables, batches, *variables)
    return for_inputs[: len(x)], *for_weights.split(sizes)


def together(function, *batches):
    """One call for all: PyTorch computes one operation after the other."""
    return list(function(torch.cat(batches)).split([len(batch) for batch in batches]))


class _Views(torch.autograd.Function):
    """`function(x)` twice. `variables` are passed once more one by one, to get gradients."""

    @staticmethod
    def forward(context, function, variables, x, *_):
        with torch.enable_grad():
            context.inputs = [x.detach().requires_grad_(), *variables]
            context.output = function(context.inputs[0])
        y = context.output.detach()
        return y, y.clone()

    @staticmethod
    def backward(context, for_input, for_weights):
        cotangent, factor = algebra.shared_cotangent(for_input, for_weights)
        to_x, *to_weights = torch.autograd.grad(
            context.output, context.inputs, cotangent, allow_unused=True
        )
        return None, None, algebra.scale_per_image(to_x, factor), *to_weights


def compiled(model, function):
    """`function` without gradients, on the device of the model."""
    del model

    @functools.wraps(function)
    @torch.no_grad()
    def call(*arrays):
        return function(*(ops.convert_to_tensor(array) for array in arrays))

    return call


@contextlib.contextmanager
def bare_step(model, x):
    batches = [(ops.convert_to_tensor(x),)]
    yield lambda: model.train_function(batches)["loss"]


# Operations


def argmin(rows):
    return torch.argmin(rows, dim=1)


def is_traced(array):
    return isinstance(array, torch.Tensor) and array.device.type == "meta"


# Several devices: the processes of `torch.distributed`, once it is initialised


def replica_count():
    return dist.get_world_size() if dist.is_available() and dist.is_initialized() else 1


def gather(x):
    return torch.cat(differentiable.all_gather(x.contiguous())) if replica_count() > 1 else x


def replica_part(x, size):
    if replica_count() == 1:
        return x
    start = dist.get_rank() * size
    return x[start : start + size]


def replica_sum(x):
    if replica_count() > 1:
        x = x.clone()
        dist.all_reduce(x)
    return x


def average_gradients(gradients):
    """Averages all in one message."""
    present = [x for x in gradients if x is not None]
    if replica_count() == 1 or not present:
        return gradients
    flat = replica_sum(torch.cat([x.reshape(-1) for x in present])) / replica_count()
    averages = iter(flat.split([x.numel() for x in present]))
    return [x if x is None else next(averages).view_as(x) for x in gradients]


def average_logs(values):
    """Averages all in one message."""
    if replica_count() == 1:
        return values
    scalars = [torch.as_tensor(value).detach() for value in values.values()]
    return dict(zip(values, average_gradients(scalars)))


def any_process(flag):
    if replica_count() == 1:
        return flag
    return bool(replica_sum(torch.tensor(float(flag), device=_device())))


def _device():
    """The device that Keras computes on."""
    return ops.ones(()).device


# The machine


def use_devices(count):
    """Joins the processes that `torchrun` started; `count` was an argument of `relaunch`."""
    if "WORLD_SIZE" in os.environ:
        if torch.cuda.is_available():
            torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
        if not dist.is_initialized():
            dist.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
    return contextlib.nullcontext


def relaunch(module, arguments, count):
    """Becomes `torchrun` with `count` processes, unless this process is one of them."""
    if count <= 1 or "WORLD_SIZE" in os.environ:
        return
    if torch.cuda.is_available() and torch.cuda.device_count() < count:
        raise ValueError(f"this machine has {torch.cuda.device_count()} devices.")
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    command += ["--nproc-per-node", str(count), "-m", module, *arguments]
    os.execv(sys.executable, command)


ONE_PROCESS_PER_DEVICE = True
process_count = replica_count


def process_index():
    return dist.get_rank() if replica_count() > 1 else 0


def end_joint_training():
    return False


def device_name():
    return torch.cuda.get_device_name() if torch.cuda.is_available() else None


def has_accelerator():
    return _device().type != "cpu"


GAINS_BY_BFLOAT16 = True
EXPORTS = {"onnx": ("onnx", "onnxscript"), "litert": ("litert_torch",), "openvino": ("openvino",)}


def make_deterministic():
    """Nothing to do."""


def default_steps_per_execution():
    return None


def can_hold_images():
    return replica_count() == 1


def portable(config):
    """Keras saves PyTorch's own subclasses of its optimizers, which other backends cannot load."""
    if not isinstance(config, dict):
        return config
    config = {key: portable(value) for key, value in config.items()}
    if str(config.get("module")).startswith("keras.src.backend."):
        config["module"] = "keras.optimizers"
    return config


# DataLoader, which any backend may be given


def checked_loader(loader, check):
    """A `DataLoader` whose batches pass through `check` as they are collated.

    Args:
        loader: `torch.utils.data.DataLoader`.
        check: callable. Batch → batch; raises a `ValueError`.
    """
    checked = copy.copy(loader)
    checked._iterator = None  # of persistent workers, which would not know the check
    checked.collate_fn = _CheckedCollate(loader.collate_fn, check)
    return checked


class _CheckedCollate:
    """A class and not a closure, so that workers can unpickle it."""

    def __init__(self, collate, check):
        self.collate = collate
        self.check = check

    def __call__(self, samples):
        return tuple(map(torch.as_tensor, self.check(self.collate(samples))))
