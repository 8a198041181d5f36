"""Backends, and private names of other packages, are used in backend/ alone.

The private names exist in the installed versions; if a new version renames one, a test says which.
"""

import ast
import pathlib

import keras
import numpy as np
import pytest
from conftest import make

from keras_acai import backend

ROOT = pathlib.Path(__file__).parents[2]
FILES = sorted(
    path for folder in ("keras_acai", "training") for path in (ROOT / folder).rglob("*.py")
)
BACKEND = ROOT / "keras_acai" / "backend"
USED = {  # file → attributes of objects that are not ours
    "jax/__init__.py": {
        "_get_jax_state",
        "_get_state_sharding_spec",
        "_jax_state",
        "_jax_state_synced",
    },
    "tensorflow/__init__.py": {"_pywrap_util_port"},
    "tensorflow/adam.py": {
        "_get_variable_index",
        "_model_variables_moving_average",
        "_momentums",
        "_velocities",
    },
    "torch/__init__.py": {"_iterator"},
}
OVERRIDDEN = {"_get_jax_state"}  # methods of Keras that are ours on purpose


def is_private(name):
    return name.startswith("_") and not name.endswith("__") and name != "_"


def trees():
    return {path: ast.parse(path.read_text("utf-8")) for path in FILES}


def private_uses(tree):
    """Private names that a file reads or sets on objects, or imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            modules = [getattr(node, "module", None) or "", *(alias.name for alias in node.names)]
            yield from (part for module in modules for part in module.split("."))


def private_definitions(tree):
    """Private names that a file defines: functions, methods, classes, variables, attributes."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif (
            isinstance(node, ast.Attribute)
            and isinstance(node.ctx, ast.Store)
            and isinstance(node.value, ast.Name)
            and node.value.id == "self"
        ):
            yield node.attr
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "object.__setattr__":
            yield getattr(node.args[1], "value", "")


def foreign_names():
    """Private names of others, by the files that use them."""
    listed = set().union(*USED.values())
    ours = {name for tree in trees().values() for name in private_definitions(tree)} - listed
    used = {
        path: {name for name in private_uses(tree) if is_private(name)} - ours
        for path, tree in trees().items()
    }
    return {path: names for path, names in used.items() if names}


@pytest.mark.once
def test_private_names_of_others_are_used_in_backend_alone():
    assert foreign_names() == {BACKEND / file: names for file, names in USED.items()}


@pytest.mark.once
def test_keras_src_is_named_in_backend_alone():
    files = {path for path in FILES if "keras.src" in path.read_text("utf-8")}
    assert files == {BACKEND / "torch" / "__init__.py"}


@pytest.mark.once
def test_backends_are_imported_in_backend_alone():
    """Except TensorFlow for its data sets, and PyTorch for the benchmark's references."""
    allowed = {BACKEND, ROOT / "training" / "benchmark", ROOT / "keras_acai" / "datasets"}
    files = {
        path
        for path, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in [getattr(node, "module", None) or "", *(alias.name for alias in node.names)]
        if name.split(".")[0] in ("tensorflow", "jax", "torch")
        and getattr(node, "module", "") != "keras_acai.backend"
    }
    assert [path for path in files if not allowed & set(path.parents)] == []


@pytest.mark.once
def test_no_other_module_asks_which_backend_runs():
    comparisons = {
        ast.unparse(node)
        for path, tree in trees().items()
        if BACKEND not in path.parents
        for node in ast.walk(tree)
        if isinstance(node, (ast.Compare, ast.Subscript))
    }
    assert not [text for text in comparisons if "backend.backend()" in text or "BACKEND" in text]


@pytest.mark.skipif(keras.backend.backend() != "jax", reason="names of Keras's JAX trainer")
def test_private_names_of_keras_on_jax_exist():
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    model.train_on_batch(np.ones((2, 1)), np.ones((2, 1)))
    assert {"_jax_state", "_jax_state_synced"} <= set(vars(model))
    (values,) = model._get_jax_state(trainable_variables=True)
    shardings, *_ = model._get_state_sharding_spec()
    assert len(values) == len(shardings) == 2


@pytest.mark.once
def test_private_names_of_torch_exist():
    torch = pytest.importorskip("torch")
    assert torch.utils.data.DataLoader([1])._iterator is None


@pytest.mark.once
def test_private_names_of_tensorflow_exist():
    port = pytest.importorskip("tensorflow.python.util._pywrap_util_port")
    assert callable(port.IsMklEnabled) and callable(port.IsX86Available)


def test_optimizers_are_saved_under_names_that_every_backend_knows():
    config = backend.portable(keras.saving.serialize_keras_object(keras.optimizers.Adam()))
    assert config["module"] == "keras.optimizers"


def test_models_do_not_override_private_names_of_keras_by_accident(name):
    theirs = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    theirs.compile("sgd", "mse")
    model = make(name)
    model.compile()
    ours = {
        attribute
        for kind in type(model).__mro__
        if kind.__module__.startswith("keras_acai")
        for attribute in vars(kind)
    }
    assert {one for one in ours & set(dir(theirs)) if is_private(one)} <= OVERRIDDEN
