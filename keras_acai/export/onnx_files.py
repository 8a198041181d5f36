"""ONNX files that are pleasant to use: named inputs and outputs, float16 weights."""

import onnx
from onnx import TensorProto, helper, numpy_helper

SMALLEST = 4096  # values of an array to halve; a stem that a converter has folded stays exact
VECTOR = 1  # axes of what stays exact, too, such as the folded norms by which VQ-VAE chooses


def finish(path, names, half=False):
    """Names the input, the output and the batch axis of a file, and halves its weights.

    Args:
        path: path of the file, which is written again.
        names: (str, str). The names of the input and of the output.
        half: bool. Whether to store weights as float16. A Cast makes them float32 when the file is
            loaded. Defaults to False.
    """
    model = onnx.load(path)
    graph = model.graph
    for value, name in zip((graph.input[0], graph.output[0]), names):
        _rename(graph, value.name, name)
        value.name = name
        value.type.tensor_type.shape.dim[0].dim_param = "n"
    if half:
        _halve(graph)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def _rename(graph, old, new):
    """Renames a value wherever nodes of the graph read or write it."""
    for node in graph.node:
        for names in (node.input, node.output):
            names[:] = [new if name == old else name for name in names]


def _halve(graph):
    """Replaces large float32 arrays by float16 ones and a Cast each."""
    casts = []
    for tensor in graph.initializer:
        array = numpy_helper.to_array(tensor)
        is_float = tensor.data_type == TensorProto.FLOAT
        if not is_float or array.size < SMALLEST or array.ndim == VECTOR:
            continue
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(array.astype("float16"), f"{name}/half"))
        casts.append(helper.make_node("Cast", [tensor.name], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
