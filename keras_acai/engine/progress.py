"""What callbacks of Keras need to know of a model's many figures."""

import keras


class ShortProgbar(keras.callbacks.ProgbarLogger):
    """Keras's progress bar with two figures, which fit a line of 80 columns.

    Args:
        has_validation: bool. Whether `fit` also evaluates the model.
    """

    def __init__(self, has_validation=False):
        super().__init__()
        self.shown = ("loss", "val_loss" if has_validation else "rmse")

    def on_train_batch_end(self, batch, logs=None):
        super().on_train_batch_end(batch, self._on_bar(logs))

    def on_test_batch_end(self, batch, logs=None):
        super().on_test_batch_end(batch, self._on_bar(logs))

    def on_epoch_end(self, epoch, logs=None):
        super().on_epoch_end(epoch, self._on_bar(logs))

    def on_test_end(self, logs=None):
        super().on_test_end(self._on_bar(logs))

    def _on_bar(self, logs):
        return {name: logs[name] for name in self.shown if name in (logs or {})}


def prepare(callbacks, logged, verbose, has_validation=False):
    """Prepares the callbacks of `fit` or `evaluate`.

    Those that monitor a figure in the mode "auto" learn whether lower or higher is better, which
    Keras knows of its own metrics only. A short progress bar is added unless there is one.

    Args:
        callbacks: a callback, a list of them, a `keras.callbacks.CallbackList`, which is returned
            as it is, or None.
        logged: iterable of str. Names of the figures that the model logs.
        verbose: as of `fit`.
        has_validation: bool. Whether `fit` also evaluates the model. Defaults to False.

    Returns:
        The callbacks for Keras.
    """
    if isinstance(callbacks, keras.callbacks.CallbackList):
        return callbacks
    callbacks = list(keras.tree.flatten(callbacks or []))
    for callback in callbacks:
        name = str(getattr(callback, "monitor", "")).removeprefix("val_")
        if name in logged and getattr(callback, "mode", None) == "auto":
            callback.mode = "max" if name.endswith("accuracy") else "min"
    has_bar = any(isinstance(one, keras.callbacks.ProgbarLogger) for one in callbacks)
    return callbacks if has_bar or not verbose else [*callbacks, ShortProgbar(has_validation)]
