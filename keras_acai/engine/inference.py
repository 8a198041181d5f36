"""Forward passes in batches, with bounded memory."""

import keras
import numpy as np

from keras_acai.backend import compiled
from keras_acai.checks import check_size


class Batched:
    """Applies a function of tensors to arrays of any length: compiled, batch by batch.

    Args:
        model: the `keras.Model` whose variables the function reads.
        function: callable. Tensor (n, …) → tensor (n, …), each item by itself.
    """

    def __init__(self, model, function):
        self.function = function
        self.compiled = compiled(model, function)

    def __call__(self, inputs, batch_size, verbose=0):
        """Apply the function to all items.

        Args:
            inputs: array or tensor of the backend, (n, …), n ≥ 1.
            batch_size: int. Items per pass. The last batch is padded to this size, so only one
                shape is compiled.
            verbose: 0 for silence, 1 or "auto" for a progress bar.

        Returns:
            (n, …): a NumPy array for an array, a tensor with gradients for a tensor.
        """
        if keras.ops.is_tensor(inputs):
            return self.function(inputs)
        size = min(check_size(batch_size, "batch_size"), len(inputs))
        bar = keras.utils.Progbar(len(inputs), verbose=int(verbose != 0), unit_name="image")
        outputs = None
        for start in range(0, len(inputs), size):
            batch = inputs[start : start + size]
            result = keras.ops.convert_to_numpy(self.compiled(_pad(batch, size)))
            if outputs is None:
                outputs = np.empty((len(inputs), *result.shape[1:]), result.dtype)
            outputs[start : start + len(batch)] = result[: len(batch)]
            bar.update(start + len(batch))
        return outputs


def _pad(batch, size):
    missing = size - len(batch)
    return batch if missing == 0 else np.concatenate([batch, np.repeat(batch[-1:], missing, 0)])
