"""Model, Tensor, Layer and the rest as Python objects."""

import copy
import dataclasses
import pickle
import threading

import hoarfrost
import pytest


@pytest.fixture(scope="module")
def model(dense_bn):
    return hoarfrost.load(dense_bn)


def test_totals_add_up(model):
    totals = model.totals
    assert (totals.parameters, totals.trainable, totals.non_trainable) == (1050, 1030, 20)
    assert totals.bytes == 4 * 1050
    assert totals.trainable_bytes + totals.non_trainable_bytes == totals.bytes


def test_lint_finds_what_the_command_finds(model):
    assert model.lint(only="unused-initializer") == ()
    (finding,) = model.freeze(layers="batch_normalization").lint(only=["frozen-statistics"])
    assert (finding.rule, finding.severity) == ("frozen-statistics", "info")
    assert sum(tensor.elements for tensor in finding.tensors) == 20
    assert {tensor.role for tensor in finding.tensors} == {"statistic"}
    assert finding.text and finding.remedy
    rest = model.freeze(layers="batch_normalization").lint(ignore=["frozen-statistics"])
    assert [found.rule for found in rest] == [found.rule for found in model.lint()]
    for wrong in ({"only": "frozen-statistic"}, {"ignore": ["frozen-statistic"]}):
        with pytest.raises(ValueError, match="did you mean 'frozen-statistics'"):
            model.lint(**wrong)
    with pytest.raises(TypeError):
        model.lint(only=7)


def test_values_are_frozen(model):
    for value in (model.totals, model.info, model.tensors[0], model.layers[0]):
        field = dataclasses.fields(value)[0].name
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(value, field, None)
    with pytest.raises(AttributeError):
        model.totals = None


def test_sequences_are_lazy_and_behave_as_sequences(model):
    tensors = model.tensors
    assert len(tensors) == len(list(tensors))
    assert tensors[-1] == tensors[len(tensors) - 1]
    assert tensors[-1] in tensors
    assert tensors.index(tensors[1]) == 1
    assert [t.name for t in tensors[1:3]] == [t.name for t in tensors][1:3]
    assert [t.name for t in tensors[::-1]] == [t.name for t in tensors][::-1]
    assert list(reversed(tensors))[0] == tensors[-1]
    assert repr(tensors) == f"<{len(tensors)} tensors>"
    assert repr(model.layers) == f"<{len(model.layers)} layers>"
    for index in (len(tensors), -len(tensors) - 1):
        with pytest.raises(IndexError, match="tensors"):
            tensors[index]
    with pytest.raises(TypeError):
        tensors["name"]


def test_a_tensor_says_what_it_is(model):
    by_role = {}
    for tensor in model.tensors:
        by_role.setdefault(tensor.role, []).append(tensor)
    statistics = by_role["statistic"]
    assert sum(tensor.elements for tensor in statistics) == 20
    assert not any(tensor.trainable for tensor in statistics)
    first = statistics[0]
    assert first.evidence == "operator"
    assert first.name in repr(first) and "statistic" in repr(first)
    assert first.storage.kind in ("inline", "fields")
    offset, length = first.storage.spans[0]
    assert 0 < offset and 0 < length <= model.info.bytes - offset


def test_reprs_are_one_line(model):
    for thing in (model, model.tensors, model.tensors[0], model.layers[0], model.plan()):
        assert "\n" not in repr(thing)
    assert "1,050 parameters, 1,030 trainable" in repr(model)


def test_summary_shows_itself(model):
    summary = model.summary(width=90)
    assert isinstance(summary, str)
    assert repr(summary) == str(summary)
    assert "1,050" in summary and "Trainable" in summary
    assert max(map(len, summary.splitlines())) <= 90
    page = model._repr_html_()
    assert page.startswith("<pre") and "1,050" in page and page.count("<") == 2


def test_explain_by_name_and_by_tensor_is_one(model):
    tensor = model.tensors[0]
    assert model.explain(tensor.name) == tensor.explain()
    assert tensor.name in tensor.explain()
    assert tensor.reason in tensor.explain()
    assert isinstance(tensor.to_dict(), dict)


def test_an_unknown_name_gets_near_ones(model):
    name = model.tensors[0].name
    with pytest.raises(LookupError) as caught:
        model.tensor(name + "x")
    assert isinstance(caught.value, hoarfrost.UnknownTensorError)
    assert name in str(caught.value).replace(name + "x", "")


def test_a_name_in_several_scopes_needs_the_scope(testdata):
    for path in sorted((testdata / "handmade").glob("*.onnx")):
        model = hoarfrost.load(path)
        scopes = {}
        for tensor in model.tensors:
            scopes.setdefault(tensor.name, set()).add(tensor.scope)
        for name, where in scopes.items():
            if len(where) > 1:
                with pytest.raises(hoarfrost.SelectionError, match="several scopes"):
                    model.tensor(name)
            for scope in where:
                assert model.tensor(name, scope).scope == scope


def test_values_are_pickled_and_copied_without_their_model(model):
    tensor = model.tensors[0]
    for twin in (pickle.loads(pickle.dumps(tensor)), copy.copy(tensor)):
        assert twin == tensor
        assert hash(twin) == hash(tensor)
    with pytest.raises(TypeError, match="of no model"):
        pickle.loads(pickle.dumps(tensor)).numpy()
    totals = model.totals
    assert pickle.loads(pickle.dumps(totals)) == totals
    assert dataclasses.asdict(tensor)["storage"]["kind"] == tensor.storage.kind


def test_one_model_serves_several_threads(model):
    names = [tensor.name for tensor in model.tensors]
    wrong = []

    def work():
        for _ in range(50):
            if [tensor.name for tensor in model.tensors] != names:
                wrong.append("names")
            model.to_dict(), model.summary(), model.tensors[0].numpy()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_everything_public_is_there():
    for name in hoarfrost.__all__:
        assert getattr(hoarfrost, name) is not None
    assert hoarfrost.__version__.count(".") == 2
    errors = [getattr(hoarfrost, name) for name in hoarfrost.__all__ if name.endswith("Error")]
    assert all(issubclass(error, hoarfrost.HoarfrostError) for error in errors)
