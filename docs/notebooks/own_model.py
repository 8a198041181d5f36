# # A model of your own
#
# ACAI learns to interpolate whatever it is shown. Here it is small, and sees lines for a minute on
# a CPU.

# +
import numpy as np

import keras_acai

angles = np.random.default_rng(0).uniform(0, 2 * np.pi, 4096)
lines = keras_acai.to_images(keras_acai.lines.draw(angles))  # uint8 (4096, 32, 32, 1)
keras_acai.plotting.pictures(lines[:16])
# -

# The encoder halves the picture until it is `latent_width` wide; `depth` is the number of channels
# to begin with.

model = keras_acai.ACAI(image_shape=(32, 32, 1), latent_width=2, latent_channels=8, depth=8)
model.compile("adam")
history = model.fit(lines, batch_size=32, epochs=12, verbose=0)
print(f"rmse {history.history['rmse'][-1]:.1f} of 255 after {12 * len(lines):,} images")

# One line turns into another:

a, b = lines[:3], lines[3:6]
keras_acai.plotting.interpolations(model.interpolate(a, b, steps=10), a, b)

# The paper's scores of interpolation, for lines only: how far mixtures are from a line, and how
# unevenly they turn. Lower is better. `acai-lines` has been trained for hours.

for one in (model, keras_acai.load("acai-lines")):
    score = keras_acai.evaluation.lines_score(one)
    print(f"mean distance {score.mean_distance:.5f}, smoothness {score.smoothness:.3f}")

# It is saved as a folder that `load` reads on any backend, and that `publish` uploads:

model.save_pretrained("my-lines")
again = keras_acai.load("my-lines")
np.abs(again.encode(a) - model.encode(a)).max()

# From a shell, with a run that resumes, a record and scores: `keras-acai train acai --data
# my_pictures/ --size 32`.
