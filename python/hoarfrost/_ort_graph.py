"""What ONNX Runtime training needs changed in a model, each for a reason seen in a run of 1.19.2.

Every function changes the message that it is given, which is a copy in memory: nothing of this is
right in a file. Other trainers and ONNX Runtime's own inference do not want it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hoarfrost._sources import PlanNames, frozen_batch_norms
from hoarfrost.errors import UnsupportedError

if TYPE_CHECKING:
    import onnx

# What onnxruntime-training 1.19.2, the last release, takes. It refuses newer IR versions ("max
# supported IR version: 10") and opsets ("official support for domain ai.onnx is till opset 21").
# Opsets before 11 it takes, and then builds graphs that it cannot load itself.
MAX_IR = 10
OPSETS = (11, 21)

# To this an older opset is raised: 13 has the axes of Unsqueeze and ReduceSum as inputs, as the
# gradients want them.
RAISED_OPSET = 13


def to_supported_versions(model: onnx.ModelProto) -> onnx.ModelProto:
    """Another model where the opset had to be converted; onnx refuses some operators."""
    import onnx

    version = next((o.version for o in model.opset_import if o.domain in ("", "ai.onnx")), 1)
    if not OPSETS[0] <= version <= OPSETS[1]:
        target = OPSETS[1] if version > OPSETS[1] else RAISED_OPSET
        try:
            # The converter wants the IR version that it knows, and no initializer without input
            # is one of IR 3.
            model.ir_version = min(max(model.ir_version, 4), onnx.IR_VERSION)
            model = onnx.version_converter.convert_version(model, target)
        except Exception as error:
            raise UnsupportedError(
                f"ONNX Runtime training takes opsets {OPSETS[0]} to {OPSETS[1]}; this model has"
                f" {version}, and onnx {onnx.__version__} cannot convert it: {error}"
            ) from error
    # 4: before, every initializer has to be a graph input, which take_out_of_inputs() ends.
    # 10 holds all that 11 to 14 do but for a few types; those the runtime refuses by name.
    model.ir_version = min(max(model.ir_version, 4), MAX_IR)
    return model


def take_out_of_inputs(graph: onnx.GraphProto) -> None:
    """An initializer that is a graph input too is refused: the training graph makes inputs of the
    parameters, "Duplicate definition-site for (conv.weight)"."""
    names = {tensor.name for tensor in graph.initializer}
    kept = [value for value in graph.input if value.name not in names]
    del graph.input[:]
    graph.input.extend(kept)


def add_outputs_for_gradients(graph: onnx.GraphProto) -> None:
    """The gradients of LayerNormalization and Dropout read outputs that inference leaves out: mean
    and inverse deviation, and the mask. Without them "i < node_->OutputDefs().size() was false".
    In a file they would harm: onnx2torch then takes a row of the batch for the output."""
    for index, node in enumerate(graph.node):
        if node.domain not in ("", "ai.onnx"):
            continue
        wanted = {"LayerNormalization": 3, "Dropout": 2}.get(node.op_type, 0)
        for slot in range(1, wanted):
            name = f"hoarfrost/{node.op_type}_{index}/{slot}"
            if slot == len(node.output):
                node.output.append(name)
            elif not node.output[slot]:
                node.output[slot] = name


def settle_batch_norms(model: onnx.ModelProto, plan: PlanNames) -> onnx.ModelProto:
    """Puts the frozen BatchNormalizations in inference mode, whatever the file says.

    The runtime runs each one on the statistics of the batch, training_mode or not
    (BatchNormInternal), so a frozen one would train the rest on other activations than inference
    gives. Only as arithmetic, on its own four tensors, does it run as in inference. The others
    lose their running outputs, which the evaluation graph cannot have ("This number of op outputs
    should be 1 when Training_mode = False").
    """
    graph = model.graph
    frozen = {node.output[0] for node in frozen_batch_norms(graph, plan)}
    for node in graph.node:
        if node.op_type == "BatchNormalization" and node.domain in ("", "ai.onnx"):
            kept = [a for a in node.attribute if a.name not in ("training_mode", "spatial")]
            del node.attribute[:]
            node.attribute.extend(kept)
            del node.output[1:]
    if not frozen:
        return model
    ranks = _ranks(model)
    nodes: list[onnx.NodeProto] = []
    for node in graph.node:
        if node.output[0] in frozen and node.op_type == "BatchNormalization":
            nodes.extend(_as_arithmetic(node, graph, ranks))
        else:
            nodes.append(node)
    result = type(model)()
    result.CopyFrom(model)
    del result.graph.node[:]
    result.graph.node.extend(nodes)
    return result


def _ranks(model: onnx.ModelProto) -> dict[str, int]:
    import onnx

    try:
        graph = onnx.shape_inference.infer_shapes(model).graph
    except Exception:  # of a model that it cannot infer, what the file says has to do
        graph = model.graph
    ranks: dict[str, int] = {}
    for value in (*graph.value_info, *graph.input, *graph.output):
        if value.type.tensor_type.HasField("shape"):
            ranks[value.name] = len(value.type.tensor_type.shape.dim)
    return ranks


def _as_arithmetic(
    node: onnx.NodeProto, graph: onnx.GraphProto, ranks: dict[str, int]
) -> list[onnx.NodeProto]:
    """(x - mean) * (scale / sqrt(var + epsilon)) + bias, of the node's own four tensors."""
    import numpy
    from onnx import helper, numpy_helper

    x, scale, bias, mean, var = node.input[:5]
    y = node.output[0]
    if x not in ranks:
        raise UnsupportedError(
            f"BatchNormalization {node.name or y!r}: it is frozen, so it has to be written out as"
            " arithmetic for ONNX Runtime training, and the rank of its input is not known"
        )
    epsilon = next((a.f for a in node.attribute if a.name == "epsilon"), 1e-5)
    held = next((t for t in graph.initializer if t.name == var), None)
    dtype = helper.tensor_dtype_to_np_dtype(held.data_type) if held is not None else "float32"
    at = f"hoarfrost/{y}/"
    graph.initializer.append(numpy_helper.from_array(numpy.array(epsilon, dtype), at + "epsilon"))
    shape = numpy.array([1, -1] + [1] * (ranks[x] - 2) if ranks[x] > 1 else [-1], "int64")
    graph.initializer.append(numpy_helper.from_array(shape, at + "shape"))

    def make(op: str, inputs: list[str], output: str) -> onnx.NodeProto:
        return helper.make_node(op, inputs, [output], name=output)

    def per_channel(name: str, output: str) -> onnx.NodeProto:
        return make("Reshape", [name, at + "shape"], at + output)

    return [
        make("Add", [var, at + "epsilon"], at + "variance"),
        make("Sqrt", [at + "variance"], at + "deviation"),
        make("Div", [scale, at + "deviation"], at + "factor"),
        per_channel(mean, "mean"),
        per_channel(at + "factor", "factors"),
        per_channel(bias, "bias"),
        make("Sub", [x, at + "mean"], at + "centred"),
        make("Mul", [at + "centred", at + "factors"], at + "scaled"),
        make("Add", [at + "scaled", at + "bias"], y),
    ]
