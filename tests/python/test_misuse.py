"""What is said where the package is used in a way it is not meant to be."""

import copy
import pickle

import hoarfrost
import pytest


@pytest.fixture(scope="module")
def model(dense_bn):
    return hoarfrost.load(dense_bn)


@pytest.mark.parametrize(
    ("selector", "says"),
    [
        ({"layers": 3}, "layers: a pattern is a str, not int"),
        ({"layers": b"dense"}, "layers: a pattern is a str, not bytes"),
        ({"types": {"Gemm": 1}}, "types: a pattern is a str, not dict"),
        ({"except_": ["dense", None], "all": True}, "except_: a pattern is a str, not NoneType"),
        ({"first": "1"}, "first is a whole number, not str"),
        ({"first": 1.5}, "first is a whole number, not float"),
        ({"all": "yes"}, "all is True or False, not 'yes'"),
    ],
)
def test_a_selector_of_the_wrong_kind_is_named(model, selector, says):
    for do in (model.freeze, model.freeze(all=True).thaw):
        with pytest.raises(TypeError) as caught:
            do(**selector)
        assert str(caught.value) == says


def test_a_layer_or_tensor_is_selected_by_its_name(model):
    with pytest.raises(TypeError, match="not Layer: give its path"):
        model.freeze(layers=model.layers[0])
    with pytest.raises(TypeError, match="not Tensor: give its name"):
        model.freeze(tensors=model.tensors[:1])
    with pytest.raises(TypeError, match="name is a str, not Tensor"):
        model.explain(model.tensors[0])


@pytest.mark.parametrize("first", [0, -1])
def test_the_first_layers_are_one_or_more(model, first):
    with pytest.raises(ValueError, match=f"at least 1, not {first}"):
        model.freeze(first=first)


def test_more_first_layers_than_there_are_is_all_of_them(model):
    for first in (99, 10**30):
        assert model.freeze(first=first).totals.trainable == 0


def test_messages_speak_of_arguments_and_not_of_options(model):
    with pytest.raises(hoarfrost.SelectionError, match=": layers 'dens': .*did you mean 'dense'"):
        model.freeze(layers="dens")
    with pytest.raises(hoarfrost.SelectionError, match=": except 'nosuch'"):
        model.freeze(all=True, except_="nosuch")


def test_a_name_in_another_scope_is_told(model):
    name = model.tensors[0].name
    with pytest.raises(hoarfrost.UnknownTensorError, match="there is one in ''"):
        model.tensor(name, scope="elsewhere")


@pytest.mark.parametrize("name", [None, 3, b"w"])
def test_a_name_is_a_str(model, name):
    with pytest.raises(TypeError, match=f"name is a str, not {type(name).__name__}"):
        model.tensor(name)


def test_tensors_are_numbered(model):
    with pytest.raises(TypeError, match=r"not str; Model\.tensor\(\) finds one by name"):
        model.tensors["w"]
    with pytest.raises(TypeError, match="layers are numbered"):
        model.layers[1.5]


def test_widths_that_no_terminal_has_are_taken_as_the_nearest(model):
    assert model.summary(width=-5) == model.summary(width=0)
    assert "1,050" in model.summary(width=10**30)
    with pytest.raises(TypeError, match="width is a whole number, not str"):
        model.summary("wide")


def test_what_is_no_model_is_named(dense_bn):
    onnx = pytest.importorskip("onnx")
    with pytest.raises(TypeError, match="GraphProto"):
        hoarfrost.load(onnx.load(dense_bn).graph)
    with pytest.raises(TypeError, match="infer_shapes is True or False"):
        hoarfrost.load(dense_bn, infer_shapes="yes")
    with pytest.raises(TypeError, match=r"made by hoarfrost\.load"):
        hoarfrost.Model(str(dense_bn))


def test_names_that_no_file_can_have_are_refused(model, tmp_path):
    for use in (hoarfrost.load, model.save):
        with pytest.raises(FileNotFoundError, match="empty"):
            use("")
        with pytest.raises(ValueError, match="zero byte"):
            use(str(tmp_path / "a\0b"))
    assert not list(tmp_path.iterdir())


def test_a_model_is_its_own_copy_and_is_not_pickled(model):
    assert copy.copy(model) is model
    assert copy.deepcopy([model])[0] is model
    with pytest.raises(TypeError, match="load\\(\\) the file"):
        pickle.dumps(model)


def test_a_file_that_changed_is_read_no_more(dense_bn, tmp_path):
    path = tmp_path / "model.onnx"
    path.write_bytes(dense_bn.read_bytes())
    model = hoarfrost.load(path)
    name = model.tensors[0].name
    with open(path, "ab") as file:
        file.write(b"\0")
    for use in (
        model.tensor(name).numpy,
        model.plan,
        model.to_onnx,
        lambda: model.freeze(all=True),
        lambda: model.save(tmp_path / "copy.onnx"),
    ):
        with pytest.raises(hoarfrost.StateError, match="changed"):
            use()
    assert [entry.name for entry in tmp_path.iterdir()] == ["model.onnx"]
    assert model.totals.parameters == 1050  # known already
