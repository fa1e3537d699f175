"""freeze(), thaw(), plan() and save()."""

import dataclasses
import json

import hoarfrost
import pytest


@pytest.fixture()
def path(dense_bn, tmp_path):
    copy = tmp_path / "model.onnx"
    copy.write_bytes(dense_bn.read_bytes())
    return copy


def layer_of(model, role):
    return next(tensor.layer for tensor in model.tensors if tensor.role == role)


def test_freezing_a_layer_gives_another_model(path):
    model = hoarfrost.load(path)
    dense = model.layers[0]
    frozen = model.freeze(layers=dense.path)
    assert model.totals.frozen == 0
    assert frozen.totals.frozen == dense.trainable == 1010
    assert frozen.totals.trainable == 20
    assert frozen.totals.parameters == 1050
    assert all(t.frozen for t in frozen.tensors if t.layer == dense.path and t.role == "weight")


def test_every_selector_selects(path):
    model = hoarfrost.load(path)
    weights = [tensor.name for tensor in model.tensors if tensor.role == "weight"]
    dense, bn = model.layers
    for selector in (
        {"layers": [dense.path]},
        {"layers": "re:" + dense.path},
        {"types": dense.type},
        {"first": 1},
        {"upto": dense.path},
        {"all": True, "except_": bn.path},
        {"all": True, "except_": [f"types:{bn.type}"]},
        {"tensors": [t.name for t in model.tensors if t.layer == dense.path]},
        {"tensors": (name for name in weights[:2])},
    ):
        assert model.freeze(**selector).totals.frozen == 1010, selector
    assert model.freeze(all=True).totals.trainable == 0


def test_saving_and_thawing_gives_the_first_bytes_back(path, tmp_path):
    before = path.read_bytes()
    out = tmp_path / "frozen.onnx"
    hoarfrost.load(path).freeze(all=True).save(out)
    frozen = hoarfrost.load(out)
    assert frozen.totals.trainable == 0
    frozen.thaw().save(str(out))
    assert out.read_bytes() == before
    assert path.read_bytes() == before


def test_some_may_be_thawed(path):
    model = hoarfrost.load(path)
    dense, bn = model.layers
    thawed = model.freeze(all=True).thaw(layers=bn.path)
    assert thawed.totals.frozen == 1010
    with pytest.raises(hoarfrost.HoarfrostError):
        model.freeze(all=True).thaw(layers=[])


def test_saving_onto_the_source_works(path):
    hoarfrost.load(path).freeze(first=1).save(path)
    assert hoarfrost.load(path).totals.frozen == 1010


def test_thawing_what_was_never_frozen_is_an_error(path):
    with pytest.raises(hoarfrost.StateError, match="frozen"):
        hoarfrost.load(path).thaw()


def test_a_selector_that_hits_nothing_is_an_error(path):
    model = hoarfrost.load(path)
    with pytest.raises(ValueError) as caught:
        model.freeze(layers="nosuchlayer")
    assert isinstance(caught.value, hoarfrost.SelectionError)
    assert "nosuchlayer" in str(caught.value)
    for empty in ({}, {"layers": []}):
        with pytest.raises(hoarfrost.SelectionError):
            model.freeze(**empty)
    with pytest.raises(ValueError, match="shared"):
        model.freeze(all=True, shared="maybe")
    with pytest.raises(TypeError):
        model.freeze("positional")
    with pytest.raises(TypeError):
        model.freeze(layers=[1])


def test_a_form_is_kept_by_a_later_freeze_and_another_is_refused(path):
    model = hoarfrost.load(path)
    dense, bn = model.layers
    for form in (
        {"batchnorm": "arithmetic"},
        {"dropout": "identity"},
        {"constants": True},
        {"expose_trainable": True},
    ):
        frozen = model.freeze(layers=bn.path, **form)
        assert json.loads(frozen.plan().json)["forms"] == form
        plain = model.freeze(layers=bn.path).totals
        # Arithmetic needs its epsilon as a number of its own.
        assert dataclasses.replace(frozen.totals, constants=0) == plain, form
        both = frozen.freeze(layers=dense.path)
        assert json.loads(both.plan().json)["forms"] == form
        with pytest.raises(hoarfrost.SelectionError, match="frozen without"):
            model.freeze(layers=bn.path).freeze(layers=dense.path, **form)
    for wrong in ({"batchnorm": "fold"}, {"dropout": "off"}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            model.freeze(all=True, **wrong)


def test_the_plan_lists_names(path):
    model = hoarfrost.load(path)
    plan = model.freeze(layers=model.layers[0].path).plan()
    weights = {tensor.name for tensor in model.tensors if tensor.role == "weight"}
    statistics = {tensor.name for tensor in model.tensors if tensor.role == "statistic"}
    assert {e.name for e in plan.frozen} | {e.name for e in plan.trainable} == weights
    assert not {e.name for e in plan.frozen} & {e.name for e in plan.trainable}
    assert {e.name for e in plan.statistics + plan.frozen_statistics} == statistics
    assert plan.to_dict() == json.loads(plan.json)
    assert plan.to_dict()["schema"] == "hoarfrost.plan/1"
    assert [e["name"] for e in plan.to_dict()["frozen"]] == [e.name for e in plan.frozen]


def test_a_frozen_batch_normalization_freezes_its_statistics(path):
    model = hoarfrost.load(path)
    plan = model.freeze(all=True).plan()
    assert not plan.statistics
    assert sum(entry.shape[0] for entry in plan.frozen_statistics) == 20


def test_a_model_from_memory_is_frozen_and_saved_too(path, tmp_path):
    frozen = hoarfrost.load(path.read_bytes()).freeze(first=1)
    frozen.save(tmp_path / "a.onnx")
    hoarfrost.load(path).freeze(first=1).save(tmp_path / "b.onnx")
    assert (tmp_path / "a.onnx").read_bytes() == (tmp_path / "b.onnx").read_bytes()


def test_a_frozen_model_goes_to_onnx_and_runs(path):
    onnx = pytest.importorskip("onnx")
    frozen = hoarfrost.load(path).freeze(all=True)
    proto = frozen.to_onnx()
    onnx.checker.check_model(proto)
    assert "hoarfrost.plan" in [entry.key for entry in proto.metadata_props]
    assert hoarfrost.load(proto).totals == frozen.totals


def test_saving_where_there_is_no_folder_is_an_error(path, tmp_path):
    with pytest.raises(OSError) as caught:
        hoarfrost.load(path).save(tmp_path / "none" / "m.onnx")
    assert isinstance(caught.value, hoarfrost.HoarfrostError)
