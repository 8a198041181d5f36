"""One train step per backend: one forward pass, one gradient, one optimizer call; no model by name.

Every loss reaches the weights of its own player alone, which is what a model's `objective` sees to
with `keras.ops.stop_gradient` and `two_sided`; the gradient of the sum of all losses then is each
player's own. A model that mixes in `TrainStep` provides

- `player_losses(data, training)`: player's name → its loss, in one forward pass that also brings
  the metrics up to date;
- `step_logs(losses)`: what those metrics say now;
- `variables_of(names)`: the trainable variables that these players move.

Each module further has

- `two_sided(network, function, x)`: `function(x)` as two tensors with equal values, (maker's,
  owner's). Gradients of the first go to `x` alone, those of the second to the weights of `network`
  alone, in one backward pass (see `sharing`). `function` calls `network`, gives one number an
  image, (n,) or (n, 1), and looks at each image by itself;
- `compiled(model, function)`: a function of tensors as a fast one without gradients.
"""

import importlib

import keras

backend = importlib.import_module(f"keras_acai.train_steps.{keras.backend.backend()}")
TrainStep = backend.TrainStep
compiled = backend.compiled
two_sided = backend.two_sided
