"""The table of models: name, title, class and module of each, in the order of the paper's tables.

Reading it needs neither Keras nor a backend: a class is imported when it is asked for.
"""

import dataclasses
import importlib
import inspect
import re

PACKAGE = "keras_acai"  # the first part of the names that Keras saves classes by
NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


@dataclasses.dataclass(frozen=True)
class Model:
    """One model of the table.

    Args:
        name: str. The first part of preset names, such as "acai" of "acai-mnist".
        title: str. The heading of its column in tables.
        class_name: str. The name of its class.
        module: str. The module that defines the class.
    """

    name: str
    title: str
    class_name: str
    module: str

    @property
    def model_class(self):
        """The class, imported on first use."""
        if self.name not in _classes:
            importlib.import_module(self.module)
        return _classes[self.name]


def _built_in(name, title, class_name, module=None):
    return Model(name, title, class_name, f"keras_acai.models.{module or name}")


MODELS = {
    model.name: model
    for model in (
        _built_in("ae", "Baseline", "Autoencoder", "autoencoder"),
        _built_in("denoising", "Denoising", "DenoisingAutoencoder"),
        _built_in("dropout", "Dropout", "DropoutAutoencoder"),
        _built_in("vae", "VAE", "VAE"),
        _built_in("aae", "AAE", "AAE"),
        _built_in("vqvae", "VQ-VAE", "VQVAE"),
        _built_in("acai", "ACAI", "ACAI"),
    )
}
_classes = {}  # name → class, of those that are imported


def register(name, title=None):
    """Register a model class, so that presets, folders, commands and tables know it.

    Keras finds the class by itself in `.keras` files from then on.

    Args:
        name: str. The first part of the model's preset names: lower-case letters, digits and "_".
        title: str. The heading of its column in tables. Defaults to the name of the class.

    Returns:
        A decorator for a subclass of `keras_acai.Autoencoder`; it returns the class.

    Raises:
        ValueError: for a name that is malformed or belongs to another class.

    Example:

    ```python
    @keras_acai.register("sparse", title="Sparse")
    class SparseAutoencoder(keras_acai.Autoencoder):
        ...
    ```
    """
    if not (isinstance(name, str) and re.fullmatch(r"[a-z][a-z0-9_]*", name)):
        raise ValueError(f"{name!r} is not a model name: use lower-case letters, digits and '_'.")

    def decorate(model_class):
        import keras

        model = Model(name, title or model_class.__name__, *_place(model_class))
        known = MODELS.get(name)
        if known and (known.class_name, known.module) != _place(model_class):
            raise ValueError(
                f"The name {name!r} belongs to {known.module}.{known.class_name}: choose another."
            )
        MODELS.setdefault(name, model)
        _classes[name] = model_class
        return keras.saving.register_keras_serializable(PACKAGE)(model_class)

    return decorate


def class_named(class_name):
    """The registered class of this name, or None."""
    found = [model for model in MODELS.values() if model.class_name == class_name]
    return found[0].model_class if found else None


def arguments_of(model_class):
    """The names of the arguments of a model's class, `dtype` included.

    They are those of its constructor and, where that passes `**kwargs` on, of its bases'. Keras's
    own are left out: some of them change the class itself.
    """
    names = {"dtype"}
    for one in model_class.__mro__:
        if one.__module__.partition(".")[0] == "keras":
            break
        if "__init__" not in vars(one):
            continue
        parameters = inspect.signature(one.__init__).parameters.values()
        names |= {each.name for each in parameters if each.kind in NAMED} - {"self"}
        if not any(each.kind is each.VAR_KEYWORD for each in parameters):
            break
    return names


def name_of(model_class):
    """The name that exactly this class is registered by, or None."""
    names = [name for name, registered in _classes.items() if registered is model_class]
    return names[0] if names else None


def _place(model_class):
    return model_class.__name__, model_class.__module__
