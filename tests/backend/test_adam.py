"""Adam on TensorFlow updates each variable by one operation, and as Keras's own does."""

import keras
import numpy as np
import pytest

if keras.backend.backend() != "tensorflow":
    pytest.skip("only TensorFlow has an operation for this", allow_module_level=True)

import tensorflow as tf
from conftest import make

from keras_acai.backend.tensorflow.adam import fuse_adam

SHAPES = (3, 2), (5,), ()


def updated(fuse, optimizer, steps=4, dtype="float32"):
    """Variables and the optimizer's state after some steps, by a compiled function."""
    generator = np.random.default_rng(0)
    variables = [keras.Variable(generator.normal(size=shape), dtype=dtype) for shape in SHAPES]
    optimizer.build(variables)
    fuse(optimizer)
    apply = tf.function(lambda *gradients: optimizer.apply(gradients))
    for _ in range(steps):
        apply(*(tf.constant(generator.normal(size=shape), "float32") for shape in SHAPES))
    return [np.array(one, "float64") for one in (*variables, *optimizer.variables)]


def leave(optimizer):
    pass


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"learning_rate": keras.optimizers.schedules.CosineDecay(0.1, 5), "epsilon": 1e-3},
        {"beta_1": 0.5, "beta_2": 0.9, "clipnorm": 0.1, "weight_decay": 0.1},
        {"use_ema": True, "ema_momentum": 0.5},
        {"gradient_accumulation_steps": 2},
        {"amsgrad": True},
    ],
)
def test_the_result_is_keras_s(options):
    results = [updated(fuse, keras.optimizers.Adam(**options)) for fuse in (fuse_adam, leave)]
    for mine, keras_s in zip(*results, strict=True):
        np.testing.assert_allclose(mine, keras_s, rtol=1e-4, atol=1e-5)


def test_one_operation_updates_a_variable():
    optimizer = keras.optimizers.Adam()
    variables = [keras.Variable(np.ones(shape)) for shape in SHAPES]
    optimizer.build(variables)
    fuse_adam(optimizer)
    apply = tf.function(lambda *gradients: optimizer.apply(gradients))
    graph = apply.get_concrete_function(*(tf.ones(shape) for shape in SHAPES)).graph
    kinds = [operation.type for operation in graph.get_operations()]
    assert kinds.count("ResourceApplyAdam") == len(SHAPES)
    assert kinds.count("Sqrt") == 0


def test_half_precision_variables_stay_half():
    mine, keras_s = (
        updated(fuse, keras.optimizers.Adam(0.1), dtype="float16") for fuse in (fuse_adam, leave)
    )
    for one, other in zip(mine, keras_s, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-2, atol=1e-2)


@pytest.mark.parametrize("own", [{}, {"critic_optimizer": keras.optimizers.Adam()}])
def test_training_fuses_the_optimizer_of_every_player(own):
    model = make("ACAI")
    model.compile(**own)
    model.make_train_function()
    optimizers = getattr(model.optimizer, "optimizers", [model.optimizer])
    assert all("_backend_update_step" in vars(optimizer) for optimizer in optimizers)


def test_other_optimizers_are_left_alone():
    class Mine(keras.optimizers.Adam):
        pass

    for optimizer in (Mine(), keras.optimizers.AdamW(), keras.optimizers.SGD()):
        before = dict(vars(optimizer))
        fuse_adam(optimizer)
        assert vars(optimizer) == before


def test_a_fused_optimizer_can_be_copied():
    optimizer = keras.optimizers.Adam(0.25)
    fuse_adam(optimizer)
    copy = keras.optimizers.deserialize(keras.optimizers.serialize(optimizer))
    assert float(copy.learning_rate) == 0.25
