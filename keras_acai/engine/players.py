"""Players: the parts of a model that minimise different losses."""

import dataclasses

import keras


@dataclasses.dataclass(frozen=True)
class Player:
    """One part of a model, with the losses that it minimises.

    A model lists its players in the class attribute `players`, and its `objective` returns every
    loss that they name. In each training step, a player's weights follow the gradient of the sum of
    its own losses. ACAI has two players:

    ```python
    players = (
        Player("autoencoder", ("encoder", "decoder"), ("reconstruction_loss", "adversarial_loss")),
        Player("critic", ("critic",), ("mixing_loss", "regularizer_loss")),
    )
    ```

    Args:
        name: str. Names the player's optimizer, `<name>_optimizer` of `compile`, and the sum of its
            losses in logs, `<name>_loss`. The first player of a model is "autoencoder"; its sum is
            logged as `loss`.
        layers: tuple of str. The attributes of the model that hold the layers it trains. A folder
            written by `save_pretrained` keeps those of the first player in a file of their own,
            because `encode` and `decode` need no others.
        losses: tuple of str. Keys of the dict of losses that `objective` returns. Logs have each
            under this name.
    """

    name: str
    layers: tuple[str, ...]
    losses: tuple[str, ...]

    @property
    def total(self):
        """The name of the sum of its losses in logs."""
        return "loss" if self.name == "autoencoder" else f"{self.name}_loss"


AUTOENCODER = Player("autoencoder", ("encoder", "decoder"), ("reconstruction_loss",))
PROBE = Player("probe", ("probe",), ("probe_loss",))


class PlayerOptimizers(keras.optimizers.MultiOptimizer):
    """One optimizer for each player, behind the interface of one optimizer.

    `optimizers` holds all of them. `learning_rate` is that of the first, the autoencoder's.

    Args:
        select: callable. Variable → its optimizer.
        optimizers: list. All optimizers that `select` returns, the autoencoder's first.
        name: str. Defaults to "player_optimizers".
    """

    def __init__(self, select, optimizers, name="player_optimizers"):
        super().__init__(select, name=name)
        self.optimizers.extend(optimizers)
        self.select = select

    @property
    def learning_rate(self):
        return self.optimizers[0].learning_rate

    @learning_rate.setter
    def learning_rate(self, value):
        self.optimizers[0].learning_rate = value

    def build(self, variables):
        if not self.built:
            # Past Keras's tracking, which would take them for the optimizer's own.
            object.__setattr__(self, "model_variables", tuple(variables))
        super().build(variables)

    def apply(self, grads, trainable_variables=None):
        """Applies the gradients that exist, so a player without gradients stays as it is."""
        variables = trainable_variables or self.model_variables
        self.build(variables)
        for optimizer in self.optimizers:
            pairs = [
                (grad, variable)
                for grad, variable in zip(grads, variables)
                if grad is not None and self.select(variable) is optimizer
            ]
            if pairs:
                optimizer.apply(*zip(*pairs))
        self.iterations.assign_add(1)
