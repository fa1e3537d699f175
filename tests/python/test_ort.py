"""hoarfrost.ort.prepare(): the same network, as ONNX Runtime training takes it.

That it trains as planned is shown in tests/consumers/training.
"""

import hoarfrost
import numpy as np
import pytest

onnx = pytest.importorskip("onnx")
ort = pytest.importorskip("hoarfrost.ort")
helper, numpy_helper = onnx.helper, onnx.numpy_helper


def model_of(nodes, weights, x=(4, 6, 5, 5), opset=17, ir_version=8, y=None, listed=False):
    tensors = [numpy_helper.from_array(np.asarray(v, "float32"), k) for k, v in weights.items()]
    value = helper.make_tensor_value_info
    inputs = [value("x", 1, x)]
    if listed:
        inputs += [value(t.name, t.data_type, t.dims) for t in tensors]
    graph = helper.make_graph(nodes, "g", inputs, [value("y", 1, y or x)], tensors)
    opsets = [helper.make_opsetid("", opset)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=ir_version)


def batch_norm(channels=6, **attributes):
    random = np.random.RandomState(3)
    weights = {
        "bn.weight": 1 + random.rand(channels),
        "bn.bias": random.randn(channels),
        "bn.running_mean": random.randn(channels),
        "bn.running_var": 0.2 + random.rand(channels),
        "scale": random.rand(channels, 1, 1),
    }
    names = ["x", "bn.weight", "bn.bias", "bn.running_mean", "bn.running_var"]
    nodes = [
        helper.make_node("BatchNormalization", names, ["b"], name="bn", **attributes),
        helper.make_node("Mul", ["b", "scale"], ["y"], name="mul"),
    ]
    return nodes, weights


def run(model, x):
    onnxruntime = pytest.importorskip("onnxruntime")
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    return session.run(["y"], {"x": x})[0]


def frozen_bn(**keywords):
    nodes, weights = batch_norm(epsilon=1e-3)
    model = model_of(nodes, weights, **keywords)
    return hoarfrost.load(model).freeze(tensors="bn.*")


@pytest.mark.parametrize("rank", [2, 3, 4, 5])
def test_a_frozen_batch_normalization_becomes_arithmetic_on_its_own_tensors(rank):
    shape = (4, 6, 5, 3, 2)[:rank]
    nodes, weights = batch_norm(epsilon=1e-3)
    weights["scale"] = weights["scale"].reshape([6] + [1] * (rank - 2))
    frozen = hoarfrost.load(model_of(nodes, weights, x=shape)).freeze(tensors="bn.*")
    prepared = ort.prepare(frozen)
    assert "BatchNormalization" not in {node.op_type for node in prepared.model.graph.node}
    before = {t.name: t.SerializeToString() for t in frozen.to_onnx().graph.initializer}
    after = {t.name: t.SerializeToString() for t in prepared.model.graph.initializer}
    assert before.items() <= after.items()
    onnx.checker.check_model(prepared.model, full_check=True)
    x = np.random.RandomState(1).randn(*shape).astype("float32")
    np.testing.assert_allclose(
        run(prepared.model, x), run(frozen.to_onnx(), x), rtol=1e-5, atol=1e-6
    )


def test_a_trained_one_stays_and_its_statistics_are_listed_to_move():
    nodes, weights = batch_norm()
    model = hoarfrost.load(model_of(nodes, weights)).freeze(tensors="scale")
    prepared = ort.prepare(model)
    assert [node.op_type for node in prepared.model.graph.node] == ["BatchNormalization", "Mul"]
    assert prepared.requires_grad == ["bn.weight", "bn.bias"]
    assert prepared.frozen_params == ["scale", "bn.running_mean", "bn.running_var"]
    assert ort.prepare(model, update_statistics=False).frozen_params == ["scale"]
    assert prepared.lists == {
        "requires_grad": prepared.requires_grad,
        "frozen_params": prepared.frozen_params,
    }


def test_frozen_statistics_are_in_no_list():
    prepared = ort.prepare(frozen_bn())
    assert prepared.requires_grad == ["scale"]
    assert prepared.frozen_params == ["bn.bias", "bn.weight"]


def test_the_plan_decides_whatever_the_file_says():
    frozen = frozen_bn()
    for plan in (frozen.plan(), frozen.plan().json, frozen.plan().to_dict()):
        prepared = ort.prepare(frozen.thaw(), plan)
        assert prepared.requires_grad == ["scale"]
        assert "BatchNormalization" not in {node.op_type for node in prepared.model.graph.node}
    with pytest.raises(TypeError, match="plan"):
        ort.prepare(frozen, {"weights": []})


def test_the_given_message_is_left_alone():
    nodes, weights = batch_norm()
    proto = model_of(nodes, weights, listed=True)
    before = proto.SerializeToString()
    plan = hoarfrost.load(proto).freeze(tensors="bn.*").plan()
    prepared = ort.prepare(proto, plan)
    assert proto.SerializeToString() == before
    assert [value.name for value in prepared.model.graph.input] == ["x"]


@pytest.mark.parametrize("opset,ir_version", [(9, 4), (11, 6), (17, 8), (21, 10), (23, 11)])
def test_versions_come_within_what_is_taken(opset, ir_version):
    if opset > onnx.defs.onnx_opset_version():
        pytest.skip("this onnx knows no such opset")
    frozen = frozen_bn(opset=opset, ir_version=ir_version)
    prepared = ort.prepare(frozen)
    assert 4 <= prepared.model.ir_version <= 10
    assert 11 <= prepared.model.opset_import[0].version <= 21
    x = np.random.RandomState(1).randn(4, 6, 5, 5).astype("float32")
    np.testing.assert_allclose(
        run(prepared.model, x), run(frozen.to_onnx(), x), rtol=1e-5, atol=1e-6
    )


def test_gradients_find_the_outputs_that_they_read():
    nodes = [
        helper.make_node("LayerNormalization", ["x", "w", "b"], ["n"]),
        helper.make_node("Dropout", ["n"], ["y"]),
    ]
    model = model_of(nodes, {"w": np.ones(5), "b": np.zeros(5)}, opset=17)
    prepared = ort.prepare(hoarfrost.load(model).freeze(tensors="b"))
    assert [len(node.output) for node in prepared.model.graph.node] == [3, 2]
    onnx.checker.check_model(prepared.model, full_check=True)


def test_training_mode_leaves_and_running_outputs_too():
    nodes, weights = batch_norm(training_mode=1)
    nodes[0].output.extend(["mean", "var"])
    prepared = ort.prepare(hoarfrost.load(model_of(nodes, weights)).freeze(tensors="scale"))
    node = prepared.model.graph.node[0]
    assert len(node.output) == 1 and not [a for a in node.attribute if a.name == "training_mode"]


def test_nothing_to_train_is_an_error():
    with pytest.raises(hoarfrost.StateError, match="nothing is trainable"):
        ort.prepare(frozen_bn().freeze(all=True))


def test_what_no_gradient_can_reach_is_left_out():
    nodes, weights = batch_norm()
    nodes.append(helper.make_node("Constant", [], ["c"], value_float=1.0))
    plan = frozen_bn().plan().to_dict()
    plan["trainable"].append({"name": "nowhere", "scope": "", "dtype": "float32", "shape": [1]})
    plan["trainable"].append({"name": "deep", "scope": "if.then", "dtype": "float32", "shape": [1]})
    prepared = ort.prepare(model_of(nodes, weights), plan)
    assert prepared.requires_grad == ["scale"] and prepared.left_out == ["nowhere", "deep"]


def test_external_data_is_loaded(tmp_path):
    nodes, weights = batch_norm()
    path = tmp_path / "m.onnx"
    onnx.save(model_of(nodes, weights), path, save_as_external_data=True, size_threshold=0)
    hoarfrost.load(path).freeze(tensors="bn.*").save(path)
    for source in (path, hoarfrost.load(path)):
        held = {
            t.name: numpy_helper.to_array(t) for t in ort.prepare(source).model.graph.initializer
        }
        np.testing.assert_array_equal(held["scale"], np.asarray(weights["scale"], "float32"))


def test_names_of_a_plan_are_those_of_the_main_graph():
    plan = frozen_bn().plan()
    assert plan.names() == plan.names("trainable") == ["scale"]
    assert plan.names("frozen") == ["bn.weight", "bn.bias"]
    assert plan.names("frozen_statistics") == ["bn.running_mean", "bn.running_var"]
    assert plan.names("statistics") == plan.names("other") == []
