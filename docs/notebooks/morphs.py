# # Morphs
#
# From one picture to another, through pictures that could be real. Nothing is downloaded: the
# models and a few test images come with the package.

# +
import keras_acai

images, labels = keras_acai.datasets.samples("mnist")  # uint8 (50, 32, 32, 1)
model = keras_acai.load("acai-mnist")
model
# -

# `interpolate` takes pairs. Arrays, files, folders and PIL pictures of any size go in.

a, b = images[[1, 3, 8]], images[[7, 2, 4]]
strips = model.interpolate(a, b, steps=10)  # (3, 10, 32, 32, 1)
keras_acai.plotting.interpolations(strips, a, b)

# The framed pictures are reconstructions, those between them mixtures. The plain autoencoder has
# the same size, and no critic:

plain = keras_acai.load("ae-mnist")
keras_acai.plotting.interpolations(plain.interpolate(a, b, steps=10), a, b)

# ACAI's critic says how mixed a picture looks: 0 is like a reconstruction, 0.5 like an even
# mixture. These are its estimates for the middles of the rows, of ACAI and of the plain one.

[model.estimate_alpha(one.interpolate(a, b, steps=3)[:, 1]).round(2) for one in (model, plain)]

# A square between four pictures, and a film through several that ends where it began:

square = model.grid(*images[[0, 6, 9, 5]], size=8)  # (1, 8, 8, 32, 32, 1)
keras_acai.to_pil(square)[0].resize((512, 512), 0)

film = model.path(images[:5], steps=12, closed=True)
keras_acai.plotting.animation(film, "film.gif", seconds=5, back=False)

# From a shell: `keras-acai interpolate one.png two.png --model acai-mnist --out morph.gif`.
