"""Players: who minimises which loss by moving which weights."""

import dataclasses

import keras


@dataclasses.dataclass(frozen=True)
class Player:
    """One side of a model's game.

    Args:
        name: str. Names its optimizer (`<name>_optimizer` of `compile`) and its logged loss.
        moves: tuple of str. The attributes of the model that hold the layers it trains.
        losses: tuple of str. The terms that it minimises the sum of, keys of `objective`.
    """

    name: str
    moves: tuple
    losses: tuple


AUTOENCODER = Player("autoencoder", ("encoder", "decoder"), ("reconstruction_loss",))
PROBE = Player("probe", ("probe",), ("probe_loss",))


class PlayerOptimizers(keras.optimizers.MultiOptimizer):
    """One optimizer per player behind the interface of one.

    All are in `.optimizers`; `learning_rate` is that of the first, the autoencoder's.

    Args:
        select: callable. Variable → its optimizer.
        optimizers: list. All that `select` returns, the autoencoder's first.
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
            object.__setattr__(self, "all_variables", tuple(variables))
        super().build(variables)

    def apply(self, grads, trainable_variables=None):
        """Applies what has a gradient; a player that sits a step out stays where it is."""
        variables = trainable_variables or self.all_variables
        self.build(variables)
        for optimizer in self.optimizers:
            moves = [
                (grad, variable)
                for grad, variable in zip(grads, variables)
                if grad is not None and self.select(variable) is optimizer
            ]
            if moves:
                optimizer.apply(*zip(*moves))
        self.iterations.assign_add(1)
