"""The train step on JAX: one `grad` of the sum of all losses."""

import functools
import itertools
import warnings

import jax
import keras

from keras_acai.train_steps import sharing


class TrainStep:
    """`train_step` and `test_step` for `keras.Model`; see `keras_acai.train_steps`."""

    def make_train_function(self, force=False):
        """One call for `steps_per_execution` steps, a `lax.scan` over as many batches."""
        if self.train_function is not None and not force:
            return
        compiled = self.jit_compile and not self.run_eagerly
        jit = functools.partial(jax.jit, **self._jit_options()) if compiled else lambda f: f
        one, several = jit(self._step), jit(self._scan)

        def execute(state, iterator):
            batches = tuple(itertools.islice(iterator, self.steps_per_execution))
            if not batches:
                raise StopIteration
            arrays = () if self.resident is None else self.resident.arrays
            if compiled and len(batches) > 1 and _alike(batches):
                return several(state, batches, arrays)
            for batch in batches:
                logs, state = one(state, batch, arrays)
            return logs, state

        self.train_function = execute

    def _jit_options(self):
        shardings = None
        if keras.distribution.distribution() is not None:
            shardings = (None, self._get_state_sharding_spec())
        return {"donate_argnums": 0, "out_shardings": shardings}

    def _step(self, state, data, arrays):
        return self.train_step(state, self.batch_of(data, arrays))

    def _scan(self, state, batches, arrays):
        """A step for each of several batches of one shape; the logs of the last."""

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
        state = (trainable, non_trainable, optimizer_variables, metrics)
        return self._stateless_logs(losses, metrics), state

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
        """Keras drops the variables' values before the first step: keep them for `recover`."""
        state = super()._get_jax_state(purge_model_variables=purge_model_variables, **wanted)
        if purge_model_variables:
            self._jax_state = dict(zip((name for name, want in wanted.items() if want), state))
        return state

    def _stateless_losses(self, state, data, training):
        """Losses (scaled for mixed float16 when training) and the state that the pass left."""
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
        with warnings.catch_warnings():  # a player may sit a step out, say without labels
            warnings.filterwarnings("ignore", message="Gradients do not exist")
            return self.optimizer.stateless_apply(optimizer_variables, gradients, trainable)

    def _stateless_logs(self, losses, metrics):
        with keras.StatelessScope(zip(self.metrics_variables, metrics)):
            return self.step_logs(losses)


def two_sided(network, function, x):
    variables = network.trainable_variables
    # A scope hides the one around it, so it has to hold what stays as it is, too.
    fixed = [(variable, variable.value) for variable in network.non_trainable_variables]

    def of(values, x):
        with keras.StatelessScope([*zip(variables, values), *fixed]):
            return function(x)

    @jax.custom_vjp
    def views(values, x):
        y = of(values, x)
        return y, y

    def forward(values, x):
        y, pull = jax.vjp(of, values, x)
        return (y, y), pull

    def backward(pull, cotangents):
        cotangent, factor = sharing.one_cotangent(*cotangents)
        moves, gradient = pull(cotangent)
        return moves, sharing.scaled(gradient, factor)

    views.defvjp(forward, backward)
    return views([variable.value for variable in variables], x)


def compiled(model, function):
    """`function` through `jax.jit`, with the variables as arguments so that they may change."""

    @jax.jit
    def call(values, *arrays):
        with keras.StatelessScope(zip(model.variables, values)):
            return function(*arrays)

    return lambda *arrays: call([variable.value for variable in model.variables], *arrays)


def _alike(batches):
    """Whether all have the same shapes and dtypes, unlike the last of an epoch."""
    kinds = [[(a.shape, a.dtype) for a in jax.tree.leaves(batch)] for batch in batches]
    return all(kind == kinds[0] for kind in kinds)
