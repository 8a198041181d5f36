"""Adam on TensorFlow, with few operations for each variable."""

import keras
import tensorflow as tf


def fuse_adam(optimizer):
    """Lets an instance of Adam update each variable by one operation instead of a dozen.

    TensorFlow's ApplyAdam computes what Keras writes out, in one pass over the variable. So does
    its gradient descent with the average of the weights (`use_ema`). Replicas of `tf.distribute`,
    AMSGrad and subclasses of Adam update as Keras does.
    """
    if type(optimizer) is keras.optimizers.Adam and not optimizer.amsgrad:
        _replace(optimizer, "_backend_update_step", _update)
        _replace(optimizer, "_update_model_variables_moving_average", _average)


def _replace(optimizer, name, method):
    """Replaces a method of one optimizer, except on several replicas, whose gradients it adds."""
    keras_s = getattr(type(optimizer), name)

    def chosen(*args):
        # Asked in the step itself: `fit` may be called outside the scope of the strategy.
        return (keras_s if tf.distribute.has_strategy() else method)(optimizer, *args)

    # Past Keras's tracking, which would take it for a part of the optimizer's state.
    object.__setattr__(optimizer, name, chosen)


def _update(optimizer, gradients, variables, learning_rate):
    step = tf.cast(optimizer.iterations + 1, tf.float32)
    rates = {
        "lr": tf.cast(learning_rate, tf.float32),
        "beta1": optimizer.beta_1,
        "beta2": optimizer.beta_2,
        "beta1_power": tf.pow(optimizer.beta_1, step),
        "beta2_power": tf.pow(optimizer.beta_2, step),
        "epsilon": optimizer.epsilon,
    }
    for gradient, variable in zip(gradients, variables):
        index = optimizer._get_variable_index(variable)
        slots = optimizer._momentums[index], optimizer._velocities[index]
        var, m, v = (one.value.handle for one in (variable, *slots))
        numbers = {name: tf.cast(rate, variable.dtype) for name, rate in rates.items()}
        gradient = tf.cast(gradient, variable.dtype)
        tf.raw_ops.ResourceApplyAdam(var=var, m=m, v=v, grad=gradient, **numbers)


def _average(optimizer, variables):
    """average ← momentum·average + (1 − momentum)·variable, which is the variable at first."""
    share = tf.where(optimizer.iterations == 0, 1.0, 1 - optimizer.ema_momentum)
    for variable, average in zip(variables, optimizer._model_variables_moving_average):
        if average is not None:
            tf.raw_ops.ResourceApplyGradientDescent(
                var=average.value.handle,
                alpha=tf.cast(share, average.dtype),
                delta=average.value - variable.value,
            )
