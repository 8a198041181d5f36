"""JAX: see `keras_acai.backend` for the contract."""

import contextlib
import functools
import itertools
import os
import warnings

import jax
import keras
import numpy as np
from jax.experimental import multihost_utils
from keras import ops

from keras_acai.backend import algebra
from keras_acai.backend.interrupts import kept
from keras_acai.backend.jax.convolutions import convolve as convolve
from keras_acai.backend.jax.convolutions import convolve_doubled as convolve_doubled
from keras_acai.backend.jax.convolutions import halve as halve

STATE = tuple(f"{kind}_variables" for kind in "trainable non_trainable optimizer metrics".split())

# The train step


class TrainStep:
    """`train_step` and `test_step` for `keras.Model`, with one `grad` of the sum of all losses."""

    def make_train_function(self, force=False):
        """One call for `steps_per_execution` steps, a `lax.scan` over as many batches."""
        if self.train_function is not None and not force:
            return
        compiled = self.jit_compile and not self.run_eagerly
        jit = functools.partial(jax.jit, **self._jit_options()) if compiled else lambda f: f
        step, scan = (kept(jit(one), self._remember) for one in (self._step, self._scan))

        def execute(state, iterator):
            batches = tuple(itertools.islice(iterator, self.steps_per_execution))
            if not batches:
                raise StopIteration
            arrays = () if self.resident is None else self.resident.arrays
            if compiled and len(batches) > 1 and _are_alike(batches):
                return scan(state, batches, arrays)
            for batch in batches:
                logs, state = step(state, batch, arrays)
            return logs, state

        self.train_function = execute

    def _remember(self, outcome):
        """Keeps the state after a step, which has freed the one before."""
        self._jax_state = dict(zip(STATE, outcome[1]))

    def _jit_options(self):
        shardings = None
        if keras.distribution.distribution() is not None:
            shardings = (None, self._get_state_sharding_spec())
        return {"donate_argnums": 0, "out_shardings": shardings}

    def _step(self, state, data, arrays):
        return self.train_step(state, self.batch_of(data, arrays))

    def _scan(self, state, batches, arrays):
        """Runs a step for each of several batches of one shape. Returns the logs of the last."""

        def step(state, batch):
            logs, state = self._step(state, batch, arrays)
            return state, logs

        stacked = jax.tree.map(lambda *parts: jax.numpy.stack(parts), *batches)
        state, logs = jax.lax.scan(step, state, stacked)
        return jax.tree.map(lambda values: values[-1], logs), state

    def train_step(self, state, data):
        trainable, non_trainable, optimizer_variables, metrics = state

        def total(trainable):
            losses, after = self._stateless_losses(
                (trainable, non_trainable, optimizer_variables, metrics), data, training=True
            )
            return sum(losses.values()), (losses, after)

        gradients, (losses, (non_trainable, metrics)) = jax.grad(total, has_aux=True)(trainable)
        moved = {id(variable) for variable in self.variables_of(losses)}
        gradients = [
            gradient if id(variable) in moved else None
            for gradient, variable in zip(gradients, self.trainable_variables)
        ]
        if moved:
            trainable, optimizer_variables = self._stateless_apply(
                optimizer_variables, gradients, trainable
            )
        logs = self._stateless_logs(losses, metrics)
        return logs, (trainable, non_trainable, optimizer_variables, metrics)

    def test_step(self, state, data):
        trainable, non_trainable, metrics = state
        losses, (non_trainable, metrics) = self._stateless_losses(
            (trainable, non_trainable, None, metrics), data, training=False
        )
        return self._stateless_logs(losses, metrics), (trainable, non_trainable, metrics)

    def recover(self):
        """Gives the variables back the values that Keras holds apart while it runs."""
        self.jax_state_sync()

    def _get_jax_state(self, purge_model_variables=False, **wanted):
        """Keeps the variables' values, which Keras drops before the first step, for `recover`."""
        state = super()._get_jax_state(purge_model_variables=purge_model_variables, **wanted)
        if purge_model_variables:
            self._jax_state = dict(zip((name for name, want in wanted.items() if want), state))
        return state

    def _stateless_losses(self, state, data, training):
        """Returns losses (scaled for mixed float16 when training) and the state afterwards."""
        trainable, non_trainable, optimizer_variables, metrics = state
        mapping = [
            *zip(self.trainable_variables, trainable),
            *zip(self.non_trainable_variables, non_trainable),
            *zip(self.metrics_variables, metrics),
        ]
        if training:
            mapping += zip(self.optimizer.variables, optimizer_variables)
        with keras.StatelessScope(mapping) as scope:
            losses = self.player_losses(data, training)
            if training:
                losses = {name: self.optimizer.scale_loss(loss) for name, loss in losses.items()}
        return losses, (
            [scope.get_current_value(v) for v in self.non_trainable_variables],
            [scope.get_current_value(v) for v in self.metrics_variables],
        )

    def _stateless_apply(self, optimizer_variables, gradients, trainable):
        with warnings.catch_warnings():  # a batch without labels has no gradient for the probe
            warnings.filterwarnings("ignore", message="Gradients do not exist")
            return self.optimizer.stateless_apply(optimizer_variables, gradients, trainable)

    def _stateless_logs(self, losses, metrics):
        with keras.StatelessScope(zip(self.metrics_variables, metrics)):
            return self.step_logs(losses)


def two_sided(network, function, x, *others):
    variables = network.trainable_variables
    # A scope hides the one around it, so it holds the fixed variables, too.
    fixed = [(variable, variable.value) for variable in network.non_trainable_variables]

    def apply(values, x):
        with keras.StatelessScope([*zip(variables, values), *fixed]):
            return function(x)

    @jax.custom_vjp
    def views(values, x):
        y = apply(values, x)
        return y, y

    def forward(values, x):
        y, pull = jax.vjp(apply, values, x)
        return (y, y), pull

    def backward(pull, cotangents):
        cotangent, factor = algebra.shared_cotangent(*cotangents)
        to_weights, to_x = pull(cotangent)
        return to_weights, algebra.scale_per_image(to_x, factor)

    views.defvjp(forward, backward)
    both = views([variable.value for variable in variables], x)
    return *both, *(function(jax.lax.stop_gradient(other)) for other in others)


def together(function, *batches):
    """One after the other, which is faster on a CPU. On several devices, batches stay apart."""
    return [function(batch) for batch in batches]


def compiled(model, function):
    """`function` through `jax.jit`, with the variables as arguments because they may change."""

    @jax.jit
    def call(values, *arrays):
        with keras.StatelessScope(zip(model.variables, values)):
            return function(*arrays)

    return lambda *arrays: call([variable.value for variable in model.variables], *arrays)


@contextlib.contextmanager
def bare_step(model, x):
    batches = itertools.repeat((ops.convert_to_tensor(x),))
    state = model._get_jax_state(purge_model_variables=True, **dict.fromkeys(STATE, True))

    def step():
        nonlocal state
        logs, state = model.train_function(state, batches)
        return logs["loss"]

    try:
        yield step
    finally:
        model._jax_state_synced = False
        model.recover()


def _are_alike(batches):
    """Whether all have the same shapes and dtypes; the last batch of an epoch may be smaller."""
    kinds = [[(a.shape, a.dtype) for a in jax.tree.leaves(batch)] for batch in batches]
    return all(kind == kinds[0] for kind in kinds)


# Operations


argmin = functools.partial(jax.numpy.argmin, axis=1)


def is_traced(array):
    return isinstance(array, jax.core.Tracer)


# Several devices: arrays are global, and the compiler splits them


def replica_count():
    return 1


def _unchanged(x, size=None):
    return x


gather = replica_part = replica_sum = average_gradients = average_logs = _unchanged


def any_process(flag):
    alone = process_count() == 1
    return flag if alone else bool(np.any(multihost_utils.process_allgather(np.array(flag))))


# The machine


def use_devices(count):
    """Spreads batches over so many devices, of each process that KERAS_DISTRIBUTION_… names."""
    if count > 1:
        jax.config.update("jax_num_cpu_devices", count)  # without effect on a GPU
    if "KERAS_DISTRIBUTION_NUM_PROCESSES" in os.environ:
        keras.distribution.initialize()
    if process_count() * count > 1:
        available = len(jax.local_devices())
        if available < count:
            raise ValueError(f"this machine has {available} devices.")
        names = keras.distribution.list_devices()
        chosen = names if process_count() > 1 else names[:count]
        parallel = keras.distribution.DataParallel(devices=chosen, auto_shard_dataset=False)
        keras.distribution.set_distribution(parallel)
    return contextlib.nullcontext


def relaunch(module, arguments, count):
    """Nothing to do: one process drives all devices of a machine."""


ONE_PROCESS_PER_DEVICE = False
process_count = jax.process_count
process_index = jax.process_index


def end_joint_training():
    jax.distributed.shutdown()  # or the other processes' end would look like a failure
    keras.distribution.set_distribution(None)
    return True


def device_name():
    return jax.devices()[0].device_kind if has_accelerator() else None


def has_accelerator():
    return jax.devices()[0].platform != "cpu"


GAINS_BY_BFLOAT16 = False
EXPORTS = {"onnx": ("onnx", "jax2onnx"), "tf_saved_model": ("tensorflow",)}


def make_deterministic():
    """Nothing to do."""


def default_steps_per_execution():
    """64 on a GPU, where a call takes as long as a small model's step."""
    return 64 if has_accelerator() else 1


def can_hold_images():
    return keras.distribution.distribution() is None


def portable(config):
    return config
