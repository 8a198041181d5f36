# # Codes as features
#
# A good code makes other tasks easy. Here it is compared with pixels where labels are few: fifty
# digits.

# +
import keras_acai

images, labels = keras_acai.datasets.samples("mnist")  # uint8 (50, 32, 32, 1), int64 (50,)
codes = keras_acai.load("acai-mnist-32").features(images, verbose=0)  # (50, 32)
# -

# A logistic regression learns from 49 of them and predicts the one that is left:

# +
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import LeaveOneOut, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

classifier = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500))
representations = {"codes": codes, "pixels": images.reshape(len(images), -1)}
for name, x in representations.items():
    score = cross_val_score(classifier, x, labels, cv=LeaveOneOut()).mean()
    print(f"{name}: {score:.0%}")
# -

# Digits of a class lie together in the codes. Both pictures are t-SNE maps.

# +
import matplotlib.pyplot as plt
from sklearn.manifold import TSNE

figure, panels = plt.subplots(1, 2, figsize=(8, 4), layout="constrained")
for panel, (name, x) in zip(panels, representations.items(), strict=True):
    places = TSNE(perplexity=8, random_state=0).fit_transform(StandardScaler().fit_transform(x))
    panel.scatter(*places.T, s=0)
    for place, label in zip(places, labels, strict=True):
        panel.text(*place, label, color=f"C{label}", ha="center", va="center", weight="bold")
    panel.set(title=name, xticks=[], yticks=[])
# -

# `LatentFeatures` is a transformer for pipelines, and the name of the model a parameter to search:

# +
from sklearn.model_selection import GridSearchCV

from keras_acai.sklearn import LatentFeatures

pipeline = make_pipeline(LatentFeatures("acai-mnist"), *classifier)
names = {"latentfeatures__model": ["acai-mnist", "acai-mnist-32", "ae-mnist-32"]}
search = GridSearchCV(pipeline, names, cv=5).fit(representations["pixels"], labels)
for name, score in zip(
    names["latentfeatures__model"], search.cv_results_["mean_test_score"], strict=True
):
    print(f"{name}: {score:.0%}")
# -

# What lies between two digits? The nearest neighbours of a mixture of their codes:

# +
from sklearn.neighbors import NearestNeighbors

middle = (codes[0] + codes[6]) / 2
_, nearest = NearestNeighbors(n_neighbors=6).fit(codes).kneighbors(middle[None])
keras_acai.plotting.pictures(images[nearest[0]])
# -

# For a folder of any size, `keras-acai encode photos/ --model acai-mnist --out codes/` writes
# Parquet files.
