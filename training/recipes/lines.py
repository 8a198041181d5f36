"""Lines: white lines on black, drawn without end, interpolated and scored (section 3.2).

python -m training.train acai-lines --recipe fast
python -m training.train acai-lines --recipe paper
"""

from training.recipes import Recipe


def paper():
    return Recipe()


def fast():
    return Recipe(images=2**21, learning_rate=5e-4, warmup=2**14, schedule="cosine", n_init=20)
