"""The same model by hoarfrost and by the onnx package, over every model there is."""

import json

import hoarfrost
import onnx_walk
import pytest

onnx = pytest.importorskip("onnx")
pytest.importorskip("ml_dtypes")

ONE_MB = 1 << 20
PARTS_OF_A_BYTE = {"int4", "uint4", "int2", "uint2", "float4e2m1"}


def test_to_onnx_is_what_onnx_loads(any_model):
    ours = hoarfrost.load(any_model).to_onnx()
    theirs = onnx.load(any_model, load_external_data=False)
    assert ours == theirs


def test_names_shapes_dtypes_and_values_are_those_of_onnx(any_model):
    theirs = onnx_walk.tensors(onnx.load(any_model, load_external_data=False))
    ours = {}
    for tensor in hoarfrost.load(any_model).tensors:
        ours[tensor.scope, tensor.name] = tensor  # the last of a name counts
    assert theirs.keys() <= ours.keys()
    for key in ours.keys() - theirs.keys():
        # A sparse initializer, or a Constant whose value is no TensorProto.
        assert ours[key].source in ("sparse_initializer", "constant_node"), key
    for key, proto in theirs.items():
        tensor = ours[key]
        assert tensor.shape == tuple(proto.dims), key
        assert tensor.dtype == onnx_walk.dtype_name(proto), key
        if tensor.bytes >= ONE_MB or tensor.dtype == "undefined":
            continue
        try:
            want = onnx_walk.to_array(proto, any_model)
        except Exception as error:  # no bytes, or not enough: then neither have we
            with pytest.raises((hoarfrost.ModelError, hoarfrost.NotFoundError)):
                tensor.numpy()
            print(key, error)
            continue
        got = tensor.numpy()
        if tensor.dtype == "string":
            assert got.tolist() == want.tolist(), key
            continue
        assert got.dtype == want.dtype, key
        assert got.shape == want.shape, key
        if tensor.dtype in PARTS_OF_A_BYTE:  # the rest of each byte is anything
            got, want = got.astype("float32"), want.astype("float32")
        assert got.tobytes() == want.tobytes(), key


def test_objects_say_what_the_json_says(any_model):
    model = hoarfrost.load(any_model)
    said = model.to_dict()
    totals = said["totals"]
    assert {key: getattr(model.totals, key) for key in totals} == totals
    assert len(model.tensors) == len(said["tensors"])
    assert len(model.layers) >= len(said["layers"])
    for tensor, want in zip(model.tensors, said["tensors"], strict=True):
        if "name_base64" not in want:
            assert tensor.name == want["name"]
        assert (tensor.scope, tensor.dtype, tensor.role) == (
            want["scope"],
            want["dtype"],
            want["role"],
        )
        assert (tensor.trainable, tensor.frozen, tensor.used) == (
            want["trainable"],
            want["frozen"],
            want["used"],
        )
        assert list(tensor.shape) == want["shape"]
        assert (tensor.elements, tensor.bytes) == (want["elements"], want["bytes"])
        assert tensor.evidence == want["reason"]["kind"]
    json.dumps(said)
