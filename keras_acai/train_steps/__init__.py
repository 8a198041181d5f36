"""One train step per backend: a gradient per player, one optimizer call, no model by name.

Each module has a mixin `TrainStep` for `keras.Model` and a function `compiled`, which turns a
function of tensors into a fast one without gradients. A model that mixes it in provides

- `player_losses(data, training)`: player's name → its loss, in one forward pass that also brings
  the metrics up to date;
- `step_logs(losses)`: what those metrics say now;
- `player_variables(name)`: the trainable variables that this player moves.
"""

import importlib

import keras

backend = importlib.import_module(f"keras_acai.train_steps.{keras.backend.backend()}")
TrainStep = backend.TrainStep
compiled = backend.compiled
