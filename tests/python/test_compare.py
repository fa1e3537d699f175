"""verify(), diff() and merge()."""

import gc
import json

import hoarfrost
import numpy as np
import pytest


@pytest.fixture()
def model(dense_bn):
    return hoarfrost.load(dense_bn)


@pytest.fixture()
def frozen(model):
    return model.freeze(types="Gemm")


def arrays(model):
    return {t.name: t.numpy() for t in model.tensors}


def trained(frozen):
    """What a trainer that honours the plan gives back."""
    held = arrays(frozen)
    plan = frozen.plan()
    for entry in plan.trainable + plan.statistics:
        held[entry.name] = held[entry.name] + 0.5
    return held


def test_a_model_equals_itself(model, dense_bn):
    for other in (model, dense_bn, str(dense_bn), dense_bn.read_bytes(), arrays(model)):
        result = hoarfrost.diff(model, other)
        assert result.ok and result and result.answer == "yes"
        assert result.equal_tensors == len(model.tensors)
        assert result.tensors == ()
    assert model.diff(model).graphs_compared
    assert not model.diff(arrays(model)).graphs_compared


def test_what_honours_the_plan_is_verified(frozen):
    result = hoarfrost.verify(frozen, trained(frozen))
    assert result.ok and bool(result) and result.answer == "yes"
    assert result.failures == result.warnings == ()
    assert result.frozen.tensors == result.frozen.identical == 2
    assert result.trainable.changed == result.trainable.tensors == 2
    assert repr(result).startswith("<VerifyResult yes: frozen 2 of 2 identical")
    assert "verified" in str(result)


def test_what_moved_is_named_with_how_far(frozen):
    held = trained(frozen)
    name = frozen.plan().frozen[0].name
    held[name] = held[name].copy()
    held[name].flat[3] += np.float32(1.0)
    result = frozen.verify(held)
    assert not result.ok and not result and result.answer == "no"
    (finding,) = result.failures
    assert (finding.kind, finding.severity, finding.list) == ("moved", "failure", "frozen")
    assert finding.expected.name == finding.found.name == name
    assert finding.expected.role == "weight" and finding.found.role is None
    assert finding.difference.changed == 1 and finding.difference.first == 3
    assert finding.difference.max_abs == pytest.approx(1.0, abs=1e-6)
    with pytest.raises(AttributeError):
        result.answer = "yes"


def test_a_statistic_of_a_frozen_batch_normalization_must_not_move(model):
    frozen = model.freeze(types="BatchNormalization")
    held = trained(frozen)
    statistic = frozen.plan().frozen_statistics[0].name
    held[statistic] = held[statistic] * 2
    assert [f.list for f in frozen.verify(held).failures] == ["frozen_statistics"]


def test_missing_is_a_failure_unless_partial(frozen):
    held = trained(frozen)
    del held[frozen.plan().frozen[0].name]
    assert [f.kind for f in frozen.verify(held).failures] == ["missing"]
    partial = frozen.verify(held, partial=True)
    assert partial.ok and [f.kind for f in partial.warnings] == ["not_stored"]


def test_another_plan_may_be_held_against(model, frozen):
    held = trained(frozen)
    for plan in (frozen.plan(), frozen.plan().json):
        assert model.verify(held, plan=plan).ok
    with pytest.raises(hoarfrost.StateError, match="frozen"):
        model.verify(held)


def test_dicts_are_those_of_the_command(frozen):
    held = trained(frozen)
    result = frozen.verify(held)
    assert result.to_dict() == json.loads(result.json)
    assert result.to_dict()["schema"] == "hoarfrost.verify/1"
    assert result.to_dict()["verified"] == "yes"
    diff = frozen.diff(held)
    assert diff.to_dict()["schema"] == "hoarfrost.diff/1"
    assert [t["a"]["name"] for t in diff.to_dict()["tensors"]] == [t.a.name for t in diff.tensors]


def test_merging_brings_the_trained_tensors_home(model, frozen, tmp_path):
    held = trained(frozen)
    out = tmp_path / "out.onnx"
    result = hoarfrost.merge(frozen, held, out)
    assert result.ok and result.missing == result.kept == ()
    assert {m.tensor.name for m in result.merged} == {
        e.name for e in frozen.plan().trainable + frozen.plan().statistics
    }
    assert result.to_dict()["schema"] == "hoarfrost.merge/1"
    assert result.output == str(out) and result.bytes == out.stat().st_size
    merged = hoarfrost.load(out)
    assert merged.diff(held).ok
    assert frozen.verify(merged).ok
    assert [t.kind for t in merged.thaw().diff(model).tensors] == ["changed"] * 4


def test_merging_refuses_what_is_frozen_and_moved(frozen, tmp_path):
    held = trained(frozen)
    name = frozen.plan().frozen[0].name
    held[name] = held[name] + 1
    out = tmp_path / "out.onnx"
    with pytest.raises(hoarfrost.StateError, match=name):
        frozen.merge(held, out)
    assert not out.exists()
    result = frozen.merge(held, out, keep_frozen=True)
    assert not result.ok and [m.tensor.name for m in result.kept] == [name]


def test_merging_says_what_is_wrong(frozen, dense_bn, tmp_path):
    held = trained(frozen)
    with pytest.raises(hoarfrost.UnknownTensorError):
        frozen.merge({"other": np.zeros(3)}, tmp_path / "out.onnx")
    with pytest.raises(FileNotFoundError, match="none"):
        frozen.merge(held, tmp_path / "none" / "out.onnx")
    copy = tmp_path / "model.onnx"
    copy.write_bytes(dense_bn.read_bytes())
    with pytest.raises(hoarfrost.SaveError):
        hoarfrost.merge(copy, held, copy)
    name = frozen.plan().trainable[0].name
    with pytest.raises(hoarfrost.StateError, match=name):
        frozen.merge(held | {name: held[name].astype("float64")}, tmp_path / "out.onnx")


def test_bits_count_and_not_how_an_array_lies():
    values = np.arange(12, dtype="float32").reshape(3, 4)
    same = {
        "columns": np.asfortranarray(values),
        "strided": np.repeat(values, 2, axis=1)[:, ::2],
        "big_endian": values.astype(">f4"),
        "read_only": np.frombuffer(values.tobytes(), "float32").reshape(3, 4),
    }
    for how, array in same.items():
        assert hoarfrost.diff({"x": values}, {"x": array}).ok, how
    assert not hoarfrost.diff({"x": np.float32(0)}, {"x": np.float32(-0.0)})
    assert hoarfrost.diff({"x": np.float32("nan")}, {"x": np.float32("nan")})
    assert hoarfrost.diff({"x": np.zeros((0, 3))}, {"x": np.zeros((0, 3))})


def test_a_set_keeps_its_arrays():
    def made(i):
        return {f"x{k}": np.full(10_000, k + i) for k in range(20)}

    left, right = hoarfrost._core.TensorSet, []
    for i in (0, 1):
        items = [
            (name, "int64", array.shape, array.view("uint8")) for name, array in made(i).items()
        ]
        right.append(left.from_memory(str(i), items))
        del items
    gc.collect()
    made(5)
    changes = hoarfrost._core.diff(*right)["tensors"]
    assert [c["difference"]["max_abs"] for c in changes if c["kind"] == "changed"] == [1.0] * 20


@pytest.mark.parametrize("dtype", ["bfloat16", "float8_e4m3fn", "int4", "uint4", "int2"])
def test_types_of_ml_dtypes_are_taken(dtype, tmp_path):
    ml_dtypes = pytest.importorskip("ml_dtypes")
    onnx = pytest.importorskip("onnx")
    names = {"bfloat16": "BFLOAT16", "float8_e4m3fn": "FLOAT8E4M3FN"}
    code = getattr(onnx.TensorProto, names.get(dtype, dtype.upper()), None)
    if code is None:
        pytest.skip(f"this onnx has no {dtype}")
    array = np.array([0, 1, 1, 0, 1], dtype="float32").astype(getattr(ml_dtypes, dtype))
    tensor = onnx.helper.make_tensor("x", code, [5], array.astype("float32"))
    out = onnx.helper.make_tensor_value_info("x", code, [5])
    graph = onnx.helper.make_graph([], "g", [], [out], [tensor])
    assert hoarfrost.diff(onnx.helper.make_model(graph), {"x": array}).ok


def test_what_holds_no_tensors_is_a_type_error(model):
    for wrong in (7, None, ["x"], {1: np.zeros(1)}, {"x": "text"}, {"x": object()}):
        with pytest.raises(TypeError):
            hoarfrost.diff(model, wrong)
    with pytest.raises(hoarfrost.NotFoundError):
        hoarfrost.diff(model, "nosuchfile")


def test_safetensors_and_checkpoints_are_read(testdata, model, frozen):
    bn = model.freeze(types="BatchNormalization")
    result = bn.verify(testdata / "trained" / "hand_dense_bn.safetensors", partial=True)
    assert result.ok and result.trainable.changed == 2


def test_what_torch_saved_is_read(frozen, tmp_path):
    torch = pytest.importorskip("torch")
    held = {name: torch.from_numpy(array) for name, array in trained(frozen).items()}
    assert frozen.verify(held).ok
    for how, saved in {
        "plain": held,
        "checkpoint": {"epoch": 3, "model_state_dict": held, "optimizer": {"lr": 0.1}},
    }.items():
        torch.save(saved, tmp_path / how)
        assert frozen.verify(tmp_path / how).ok, how
        assert frozen.merge(tmp_path / how, tmp_path / f"{how}.onnx").ok
    torch.save(held, tmp_path / "old", _use_new_zipfile_serialization=False)
    assert frozen.verify(tmp_path / "old").ok
    torch.save([1, 2], tmp_path / "list")
    with pytest.raises(hoarfrost.ModelError, match="list"):
        frozen.verify(tmp_path / "list")
    torch.save({"a": print}, tmp_path / "code")
    with pytest.raises(hoarfrost.ModelError, match="weights_only"):
        frozen.verify(tmp_path / "code")


def test_torch_tensors_are_compared_by_their_bits():
    torch = pytest.importorskip("torch")
    x = torch.arange(6, dtype=torch.float32).reshape(2, 3)
    assert hoarfrost.diff({"x": x.t()}, {"x": x.numpy().T})
    assert hoarfrost.diff({"x": torch.nn.Parameter(x)}, {"x": x.numpy()})
    assert hoarfrost.diff({"x": torch.tensor(True)}, {"x": np.array(True)})
    for dtype in (torch.bfloat16, torch.float16, torch.float8_e4m3fn, torch.int8):
        assert hoarfrost.diff({"x": x.to(dtype)}, {"x": x.to(dtype)}), dtype
    complex_ = torch.view_as_complex(torch.rand(4, 2))
    assert hoarfrost.diff({"x": complex_.conj()}, {"x": complex_.numpy().conj()})
    layer = torch.nn.Linear(2, 3)
    assert hoarfrost.diff(layer, {k: v.numpy() for k, v in layer.state_dict().items()})
    with pytest.raises(hoarfrost.UnsupportedError):
        hoarfrost.diff({"x": x.to_sparse()}, {"x": x})


def test_results_are_made_of_hoarfrosts_own_types(frozen):
    result = frozen.diff(trained(frozen))
    assert isinstance(result, hoarfrost.DiffResult)
    assert all(isinstance(t, hoarfrost.TensorChange) for t in result.tensors)
    assert isinstance(result.tensors[0].difference, hoarfrost.Difference)
    assert "4 not" in repr(result)
