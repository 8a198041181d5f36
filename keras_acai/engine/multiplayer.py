"""Models with several players: their losses, their optimizers and their logs."""

import re

import keras
from keras import ops

from keras_acai import backend
from keras_acai.engine.players import PROBE, PlayerOptimizers
from keras_acai.engine.validated import Validated


class MultiPlayerModel(backend.TrainStep, Validated, keras.Model):
    """Trains several players at once, each by the gradient of its own losses only.

    All gradients come from one backward pass over the sum of all losses. `objective` must therefore
    let each loss reach the weights of its own player alone.

    A subclass declares `players` (a tuple of `Player`s, the autoencoder first), creates the layers
    that they train and computes their losses in `objective`. With `num_classes`, `probe` is one
    more player: a softmax layer on the latent code behind a stopped gradient (paper, section 4).
    """

    players = ()

    def set_up_players(self):
        """Add the probe if there is one, a metric for each logged value, and the seed generator."""
        self.seed_generator = keras.random.SeedGenerator()
        if self.num_classes:
            self.players = (*self.players, PROBE)
        names = [name for player in self.players for name in (player.total, *player.losses)]
        self._trackers = {
            name: keras.metrics.Mean(name) for name in dict.fromkeys(names) if name != "loss"
        }
        self._trackers["rmse"] = RootMeanSquaredError("rmse", self.unit)
        if self.num_classes:
            self._trackers["probe_accuracy"] = keras.metrics.Mean("probe_accuracy")

    @property
    def unit(self):
        """What 1 is in an rmse: 127.5 grey levels of pictures in [-1, 1], or 1 of other data."""
        return 1.0 if self.value_range is None else 127.5

    @property
    def logged_names(self):
        """The names of all figures that `fit` logs, without those of metrics."""
        return ("loss", *self._trackers)

    def compile(self, optimizer=None, critic_optimizer=None, probe_optimizer=None, **kwargs):
        """Choose how the players learn.

        Args:
            optimizer: Keras optimizer, or its name, for every player. Defaults to the paper's
                Adam: learning rate 1e-4, epsilon 1e-8.
            critic_optimizer: Keras optimizer for the critic alone. Defaults to `optimizer`.
            probe_optimizer: Keras optimizer for the probe alone. Defaults to `optimizer`.
            **kwargs: `<name>_optimizer` for any other player, and arguments of
                `keras.Model.compile`, such as `jit_compile`, `run_eagerly` and
                `steps_per_execution`. `metrics` compare the images in [-1, 1] with their
                reconstructions. The losses are the model's own.

        With several optimizers, `model.optimizer` is a `PlayerOptimizers`. Callbacks such as
        `LearningRateScheduler` set the rate of each and log `learning_rate_<optimizer's name>`.

        Raises:
            ValueError: if a loss is passed, an optimizer for a player that does not exist, or an
                accuracy as a metric.
        """
        for name in ("loss", "loss_weights", "weighted_metrics"):
            if kwargs.get(name) is not None:
                raise ValueError(
                    f"compile got {name}: {type(self).__name__} has its own losses, leave it out."
                )
        _check_metrics(kwargs.get("metrics"))
        given = {"critic_optimizer": critic_optimizer, "probe_optimizer": probe_optimizer}
        given |= {key: kwargs.pop(key) for key in list(kwargs) if key.endswith("_optimizer")}
        optimizers = {
            key.removesuffix("_optimizer"): keras.optimizers.get(given[key])
            for key in given
            if given[key] is not None
        }
        default = keras.optimizers.get(optimizer or paper_optimizer())
        super().compile(optimizer=self._one_optimizer(default, optimizers), **kwargs)
        arguments = {f"{name}_optimizer": optimizer for name, optimizer in optimizers.items()}
        # Past Keras's tracking, which would go on logging the metrics of an earlier `compile`.
        object.__setattr__(self, "_arguments", {"optimizer": default, **arguments, **kwargs})

    def make_train_function(self, force=False):
        """Build the optimizer for all players, including those that a batch may leave out."""
        if not self.optimizer.built:
            self.optimizer.build(self.trainable_variables)
        return super().make_train_function(force)

    def get_compile_config(self):
        if self.compiled:
            return backend.portable(keras.saving.serialize_keras_object(self._arguments))

    def compile_from_config(self, config):
        self.compile(**keras.saving.deserialize_keras_object(config))
        self.optimizer.build(self.trainable_variables)

    def save_own_variables(self, store):
        super().save_own_variables(store)
        state = keras.ops.convert_to_numpy(self.seed_generator.state)
        store["seed"] = state.astype("int64")

    def load_own_variables(self, store):
        """Restore the seed, too, which Keras does not save: a resumed run draws the same."""
        store = {key: store[key] for key in store.keys()}
        seed = store.pop("seed", None)
        super().load_own_variables(store)
        if seed is not None:
            self.seed_generator.state.assign(seed)

    def player_variables(self, name):
        """The trainable variables of the player of this name."""
        (player,) = [player for player in self.players if player.name == name]
        return [
            variable
            for attribute in player.layers
            for variable in getattr(self, attribute).trainable_variables
        ]

    def variables_of(self, names):
        """The trainable variables of the players of these names."""
        return [variable for name in names for variable in self.player_variables(name)]

    def player_losses(self, data, training):
        """Run one forward pass and update all metrics.

        Args:
            data: (images,) or (images, labels).
            training: bool. Whether to corrupt what the objective corrupts.

        Returns:
            dict. Player's name → the sum of its losses. Without labels, the probe is left out.
        """
        images, labels, _ = keras.utils.unpack_x_y_sample_weight(data)
        x = self.scale(ops.convert_to_tensor(images))
        losses, code, x_hat = self.objective(x, training)
        logged = {"rmse": ops.mean(ops.square(x - x_hat))}
        if labels is not None:
            probed = self._probe_loss(code, ops.convert_to_tensor(labels))
            losses["probe_loss"], logged["probe_accuracy"] = probed
        self._check_losses(losses)
        totals = {
            player.name: sum(losses[name] for name in player.losses)
            for player in self.players
            if player is not PROBE or labels is not None
        }
        self._track(logged | losses | self._sums(totals), ops.shape(x)[0])
        self.compute_metrics(x, None, x_hat)
        return totals

    def step_logs(self, losses):
        """The values of all metrics, without those of players that are not in `losses`."""
        absent = [player for player in self.players if player.name not in losses]
        hidden = {name for player in absent for name in player.losses}
        hidden |= {"probe_accuracy"} if "probe_loss" in hidden else set()
        logs = self.get_metrics_result()
        return {name: value for name, value in logs.items() if name not in hidden}

    def compute_metrics(self, x, y, y_pred, sample_weight=None):
        """Compare images with reconstructions, not with labels, in metrics given to `compile`."""
        return super().compute_metrics(x, self.scale(x), y_pred, sample_weight)

    def _check_losses(self, losses):
        named = {name for player in self.players for name in player.losses}
        missing = named - set(losses) - set(PROBE.losses)
        if missing or set(losses) - named:
            raise ValueError(
                f"{type(self).__name__}.objective and players disagree: objective lacks "
                f"{sorted(missing)}, and no player minimises {sorted(set(losses) - named)}."
            )

    def _probe_loss(self, code, labels):
        """The probe's (cross-entropy, accuracy), means over the batch."""
        labels = ops.reshape(labels, (-1,))
        logits = self.probe(ops.reshape(ops.stop_gradient(code), (-1, self.code_size)))
        correct = ops.equal(ops.argmax(logits, axis=-1), ops.cast(labels, "int32"))
        entropy = keras.losses.sparse_categorical_crossentropy(labels, logits, from_logits=True)
        return ops.mean(entropy), ops.mean(ops.cast(correct, "float32"))

    def _sums(self, totals):
        """The players' sums of losses, by their names in logs."""
        present = [player for player in self.players if player.name in totals]
        return {player.total: totals[player.name] for player in present}

    def _track(self, logged, count):
        """Updates the metrics with means over a batch of `count` images."""
        for name, value in backend.average_logs(logged).items():
            self._metric_named(name).update_state(value, count)

    def _metric_named(self, name):
        """The metric of this name. Keras itself has the one of the loss."""
        if name in self._trackers:
            return self._trackers[name]
        return next(metric for metric in self.metrics if metric.name == name)

    def _one_optimizer(self, default, separate):
        """The optimizer of all players: `default`, or several behind one interface."""
        if isinstance(default, keras.optimizers.MultiOptimizer):
            raise ValueError(
                "compile got a MultiOptimizer: pass critic_optimizer=… or probe_optimizer=…."
            )
        names = [player.name for player in self.players]
        for name in separate:
            if name not in names:
                raise ValueError(
                    f"compile got {name}_optimizer, but this {type(self).__name__} has no {name}: "
                    "leave it out" + (", or set num_classes." if name == "probe" else ".")
                )
        chosen = {name: separate.get(name, default) for name in names}
        optimizers = list(dict.fromkeys(chosen.values()))
        if len(optimizers) == 1:
            return default
        owner = {
            id(variable): chosen[player.name]
            for player in self.players
            for attribute in player.layers
            for variable in getattr(self, attribute).variables
        }
        return PlayerOptimizers(lambda variable: owner[id(variable)], optimizers)


def _check_metrics(metrics):
    """Refuses Keras's accuracies, which would count equal pixels."""
    for metric in keras.tree.flatten(metrics or []):
        is_kerass = isinstance(metric, str) or type(metric).__module__.startswith("keras.")
        name = metric if isinstance(metric, str) else getattr(metric, "name", "")
        if is_kerass and re.search(r"acc(uracy)?$", name, re.IGNORECASE):
            raise ValueError(
                f"compile got the metric {name}, but metrics compare images with reconstructions: "
                "leave it out. fit logs probe_accuracy for a model with num_classes and labels."
            )


@keras.saving.register_keras_serializable("keras_acai")
class RootMeanSquaredError(keras.metrics.Mean):
    """Root of the mean squared error, times a unit.

    Args:
        name: str.
        unit: float. Defaults to 127.5, the grey levels of images in [-1, 1].
    """

    def __init__(self, name="rmse", unit=127.5, **kwargs):
        super().__init__(name, **kwargs)
        self.unit = unit

    def result(self):
        return ops.sqrt(super().result()) * self.unit

    def get_config(self):
        return {**super().get_config(), "unit": self.unit}


def paper_optimizer():
    """Adam with learning rate 1e-4 and epsilon 1e-8 (paper, appendix A)."""
    return keras.optimizers.Adam(learning_rate=1e-4, epsilon=1e-8)
