"""hoarfrost.torch.apply(), beyond what the runs show: modules of onnx2torch and onnx2pytorch."""

import copy
import json
import pickle
import subprocess
import sysconfig
from pathlib import Path

import hoarfrost
import models
import numpy as np
import pytest
from onnx import helper, numpy_helper


@pytest.fixture(autouse=True)
def convert(request):
    consumer = request.config.option.consumer
    if consumer not in ("onnx2torch", "onnx2pytorch"):
        pytest.skip("for modules of torch")
    import with_torch

    return lambda proto: with_torch._convert(consumer, proto)


def load(name, how="backbone"):
    return models.freeze(hoarfrost.load(models.make(name)), how)


def norms_of(module):
    import torch

    return [m for m in module.modules() if isinstance(m, torch.nn.modules.batchnorm._BatchNorm)]


def test_frozen_batch_normalizations_stay_in_eval(convert):
    frozen = load("conv_net")
    module = convert(frozen.to_onnx())
    hoarfrost.torch.apply(module, frozen)
    for again in (module, copy.deepcopy(module)):
        again.train()
        assert again.training
        assert [norm.training for norm in norms_of(again)] == [False, False, True]
        assert all(
            p.requires_grad == norm.training for norm in norms_of(again) for p in norm.parameters()
        )
    norm = norms_of(module)[0]
    assert not pickle.loads(pickle.dumps(norm)).train().training
    assert str(type(norm).__name__) in repr(module)


def test_only_the_plan_is_trainable(convert):
    frozen = load("mlp")
    module = convert(frozen.to_onnx())
    applied = hoarfrost.torch.apply(module, frozen)
    trainable = [p for p in module.parameters() if p.requires_grad]
    assert {id(p) for p in trainable} == {id(p) for p in applied.trainable.values()}
    assert list(applied.trainable) == frozen.plan().names()


def test_tensors_are_those_of_the_file_until_trained(convert):
    for name in ("conv_net", "mlp", "transformer"):
        frozen = load(name)
        module = convert(frozen.to_onnx())
        applied = hoarfrost.torch.apply(module, frozen)
        diff = frozen.diff(applied.tensors())
        assert diff.ok, diff


def test_groups_for_an_optimizer(convert):
    frozen = load("conv_net")
    applied = hoarfrost.torch.apply(convert(frozen.to_onnx()), frozen)
    matrices, vectors = hoarfrost.torch.parameter_groups(applied, weight_decay=0.1)
    assert matrices["weight_decay"] == 0.1 and vectors["weight_decay"] == 0.0
    assert all(p.dim() > 1 for p in matrices["params"])
    assert all(p.dim() == 1 for p in vectors["params"])
    assert sorted(matrices["initializers"] + vectors["initializers"]) == sorted(
        frozen.plan().names()
    )


@pytest.mark.parametrize("name", sorted(models.MADE))
@pytest.mark.parametrize("how", models.FREEZES)
def test_the_command_names_the_same_parameters(convert, name, how, options, tmp_path):
    command = Path(sysconfig.get_path("scripts")) / "hoarfrost"
    if not command.exists():
        pytest.skip("no command beside this Python")
    frozen = load(name, how)
    path = tmp_path / "frozen.onnx"
    frozen.save(path)
    said = subprocess.run([command, "plan", "--for", "torch", path], capture_output=True, text=True)
    if "--for" in said.stderr:
        pytest.skip("this command tells no trainer's words")
    names = json.loads(said.stdout)[options.consumer]
    module = convert(frozen.to_onnx())
    before = dict(module.named_parameters())
    applied = hoarfrost.torch.apply(module, frozen)
    module.train()
    after = dict(module.named_parameters(remove_duplicate=False))
    assert set(names["requires_grad"]) | set(names["frozen"]) <= set(before)
    assert all(after[parameter].requires_grad for parameter in names["requires_grad"])
    assert not any(after[parameter].requires_grad for parameter in names["frozen"])
    modules = dict(module.named_modules())  # their names may have dots in them
    assert not any(modules[norm].training for norm in names["eval"])
    found = {id(after[parameter]) for parameter in names["requires_grad"]}
    found |= {id(applied.trainable[tensor]) for tensor in names["by_mapping"]}
    assert found == {id(parameter) for parameter in applied.trainable.values()}


def tied(alpha=1.0):
    """A square embedding that a Gemm uses too, not transposed: the module holds its transpose."""
    random = np.random.RandomState(5)
    held = [
        numpy_helper.from_array(random.randn(6, 6).astype("float32"), "embed"),
        numpy_helper.from_array(random.randn(6).astype("float32"), "bias"),
    ]
    nodes = [
        helper.make_node("Gather", ["embed", "ids"], ["g"], name="gather"),
        helper.make_node("Relu", ["g"], ["x"], name="relu"),
        helper.make_node("Gemm", ["x", "embed", "bias"], ["y"], name="gemm", alpha=alpha),
    ]
    value = helper.make_tensor_value_info
    graph = helper.make_graph(nodes, "g", [value("ids", 7, [4])], [value("y", 1, [4, 6])], held)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)


def step(module, applied):
    import torch

    optimizer = torch.optim.SGD(applied.trainable.values(), lr=0.1)
    ids = torch.tensor([1, 2, 3, 1])
    before = module(ids)
    (before**2).sum().backward()
    optimizer.step()
    return ids


def test_a_tied_tensor_is_one_in_both_layouts(convert):
    import onnxruntime
    import torch

    proto = tied()
    frozen = hoarfrost.load(proto).freeze(tensors="bias")
    module = convert(frozen.to_onnx())
    applied = hoarfrost.torch.apply(module, frozen)
    assert len([p for p in module.parameters() if p.requires_grad]) == 1
    ids = step(module, applied)
    trained = applied.tensors()["embed"].numpy()
    assert frozen.verify(applied.tensors()).ok
    held = next(t for t in proto.graph.initializer if t.name == "embed")
    held.CopyFrom(numpy_helper.from_array(trained, "embed"))
    session = onnxruntime.InferenceSession(
        proto.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    with torch.no_grad():
        np.testing.assert_allclose(
            session.run(None, {"ids": ids.numpy()})[0], module(ids).numpy(), rtol=1e-4, atol=1e-5
        )


def test_a_factor_of_gemm_is_taken_out_again(convert):
    proto = tied(alpha=0.7)
    proto.graph.node[0].input[0] = "table"
    table = np.random.RandomState(6).randn(6, 6).astype("float32")
    proto.graph.initializer.append(numpy_helper.from_array(table, "table"))
    for train in ("embed", "table"):
        model = hoarfrost.load(proto)
        frozen = model.freeze(all=True, except_=f"tensors:{train}")
        try:
            module = convert(frozen.to_onnx())
        except Exception as error:
            pytest.skip(f"refused: {error}")
        applied = hoarfrost.torch.apply(module, frozen)
        step(module, applied)
        result = frozen.verify(applied.tensors())
        assert result.ok and result.trainable.changed == 1, result
        moved = applied.tensors()[train].detach().numpy() - model.tensor(train).numpy()
        assert 1e-3 < np.abs(moved).max() < 100


def test_a_module_of_other_values_is_refused(convert):
    frozen = load("mlp")
    module = convert(load("mlp").to_onnx())
    proto = frozen.to_onnx()
    held = proto.graph.initializer[0]
    held.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(held) + 1, held.name))
    with pytest.raises(hoarfrost.UnsupportedError, match=held.name):
        hoarfrost.torch.apply(module, proto, frozen.plan())


def test_what_is_no_converted_module_is_refused(convert):
    import torch

    frozen = load("mlp")
    with pytest.raises(TypeError, match="onnx2torch"):
        hoarfrost.torch.apply(torch.nn.Linear(2, 2), frozen)


def test_a_module_without_mapping_is_refused(convert, request):
    if request.config.option.consumer != "onnx2torch":
        pytest.skip("onnx2pytorch always has one")
    import onnx2torch

    frozen = load("mlp")
    with pytest.raises(hoarfrost.UnsupportedError, match="attach_onnx_mapping"):
        hoarfrost.torch.apply(onnx2torch.convert(frozen.to_onnx()), frozen)


def test_a_tensor_without_place_is_refused(convert):
    frozen = load("mlp")
    plan = frozen.plan().to_dict()
    plan["trainable"].append({"name": "nowhere", "scope": "", "dtype": "float32", "shape": [1]})
    module = convert(frozen.to_onnx())
    with pytest.raises(hoarfrost.UnsupportedError, match="nowhere"):
        hoarfrost.torch.apply(module, frozen, plan)
