"""The tensors of a model by the onnx package alone: {(scope, name): TensorProto}.

Scopes are named by the rule of the JSON contract: NODE.attribute segments joined by "/".
"""

import os


def tensors(model):
    """-> {(scope, name): TensorProto}: initializers and Constant values, the last of a name."""
    found = {}
    _walk_graph(model.graph, "", found)
    for function in model.functions:
        path = f"function:{function.domain}::{function.name}"
        if function.overload:
            path += f":{function.overload}"
        _walk_nodes(function.node, path, found)
    for i, training in enumerate(model.training_info):
        _walk_graph(training.algorithm, f"training_info[{i}].algorithm", found)
        _walk_graph(training.initialization, f"training_info[{i}].initialization", found)
    return found


def _walk_graph(graph, scope, found):
    for tensor in graph.initializer:
        found[scope, tensor.name] = tensor
    _walk_nodes(graph.node, scope, found)


def _walk_nodes(nodes, scope, found):
    names = set()
    for index, node in enumerate(nodes):
        # A second node of a name, or one without, is told by its place.
        owner = node.name or f"{node.op_type}[{index}]"
        if owner in names:
            owner = f"{owner}[{index}]"
        names.add(owner)
        prefix = f"{scope}/" if scope else ""
        for attribute in node.attribute:
            if node.op_type == "Constant" and node.domain in ("", "ai.onnx"):
                if attribute.HasField("t") and node.output:
                    found[scope, node.output[0]] = attribute.t
            if attribute.HasField("g"):
                _walk_graph(attribute.g, f"{prefix}{owner}.{attribute.name}", found)
            for i, graph in enumerate(attribute.graphs):
                _walk_graph(graph, f"{prefix}{owner}.{attribute.name}[{i}]", found)


def dtype_name(tensor):
    import onnx

    name = onnx.TensorProto.DataType.Name(tensor.data_type)
    return {"FLOAT": "float32", "DOUBLE": "float64"}.get(name, name.lower())


def to_array(tensor, path):
    """onnx.numpy_helper.to_array, after external data was read."""
    import onnx

    return onnx.numpy_helper.to_array(tensor, os.path.dirname(path))
