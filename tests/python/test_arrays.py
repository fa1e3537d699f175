"""Tensor.numpy(): every element type, against values worked out by hand."""

import sys

import hoarfrost
import numpy
import pytest

onnx = pytest.importorskip("onnx")
ml_dtypes = pytest.importorskip("ml_dtypes")
TensorProto = onnx.TensorProto


def model_of(tensor):
    """A model in which nothing but `tensor` lies."""
    y = onnx.helper.make_empty_tensor_value_info("y")
    node = onnx.helper.make_node("Identity", [tensor.name], ["y"])
    graph = onnx.helper.make_graph([node], "g", [], [y], initializer=[tensor])
    return hoarfrost.load(onnx.helper.make_model(graph))


def raw(data_type, dims, data):
    return TensorProto(name="t", data_type=data_type, dims=dims, raw_data=bytes(data))


def read(tensor):
    return model_of(tensor).tensor("t").numpy()


def test_four_bits_lie_with_the_first_element_lowest():
    # 0x21 holds 1, then 2; 0xF8 holds 8, then 15. Signed, 8 is -8 and 15 is -1.
    packed = [0x21, 0xF8]
    unsigned = read(raw(TensorProto.UINT4, [4], packed))
    assert unsigned.dtype == ml_dtypes.uint4
    assert unsigned.astype(int).tolist() == [1, 2, 8, 15]
    signed = read(raw(TensorProto.INT4, [4], packed))
    assert signed.dtype == ml_dtypes.int4
    assert signed.astype(int).tolist() == [1, 2, -8, -1]


def test_the_last_half_byte_of_an_odd_count_is_left_out():
    assert read(raw(TensorProto.INT4, [3], [0x21, 0x07])).astype(int).tolist() == [1, 2, 7]


def test_two_bits_lie_four_to_a_byte():
    # 0b11100100 holds 0, 1, 2, 3; signed, 2 is -2 and 3 is -1.
    packed = [0b11100100, 0b01]
    assert read(raw(TensorProto.UINT2, [5], packed)).astype(int).tolist() == [0, 1, 2, 3, 1]
    assert read(raw(TensorProto.INT2, [5], packed)).astype(int).tolist() == [0, 1, -2, -1, 1]


def test_small_floats_have_their_values():
    # float4e2m1: 1 sign, 2 exponent, 1 mantissa bits, bias 1: 0b0010 is 1.0, 0b1111 is -6.0.
    assert read(raw(TensorProto.FLOAT4E2M1, [2], [0xF2])).astype(float).tolist() == [1.0, -6.0]
    # float8e4m3fn: 0x38 is 1.0; bfloat16 is the upper half of a float32: 0x3F80 is 1.0.
    assert read(raw(TensorProto.FLOAT8E4M3FN, [1], [0x38])).astype(float).tolist() == [1.0]
    assert read(raw(TensorProto.BFLOAT16, [1], [0x80, 0x3F])).astype(float).tolist() == [1.0]


@pytest.mark.parametrize(
    "data_type, values",
    [
        (TensorProto.FLOAT, numpy.array([[1.5, -2.0]], numpy.float32)),
        (TensorProto.DOUBLE, numpy.array([1e300, float("inf")])),
        (TensorProto.FLOAT16, numpy.array([65504.0, -0.0], numpy.float16)),
        (TensorProto.INT8, numpy.array([-128, 127], numpy.int8)),
        (TensorProto.UINT16, numpy.array([65535], numpy.uint16)),
        (TensorProto.INT64, numpy.array([-(2**63), 2**63 - 1])),
        (TensorProto.UINT64, numpy.array([2**64 - 1], numpy.uint64)),
        (TensorProto.BOOL, numpy.array([True, False])),
        (TensorProto.COMPLEX64, numpy.array([1 - 2j], numpy.complex64)),
        (TensorProto.COMPLEX128, numpy.array([1e300 - 2j])),
    ],
)
def test_raw_and_typed_fields_give_the_same(data_type, values):
    in_raw = read(raw(data_type, values.shape, values.tobytes()))
    in_fields = read(onnx.helper.make_tensor("t", data_type, values.shape, values.flatten()))
    for got in (in_raw, in_fields):
        assert got.dtype == values.dtype
        assert got.shape == values.shape
        assert got.tobytes() == values.tobytes()


def test_scalars_and_empty_tensors_keep_their_shape():
    assert read(raw(TensorProto.FLOAT, [], b"\0\0\x80\x3f")).shape == ()
    assert read(raw(TensorProto.FLOAT, [3, 0, 2], b"")).shape == (3, 0, 2)
    assert read(raw(TensorProto.INT4, [0], b"")).shape == (0,)


def test_an_array_is_the_callers_own():
    model = model_of(raw(TensorProto.FLOAT, [2], bytes(8)))
    tensor = model.tensor("t")
    array = tensor.numpy()
    array[0] = 7
    assert tensor.numpy().tolist() == [0, 0]
    del model, tensor
    assert array.tolist() == [7, 0]


def test_what_cannot_be_read_says_why():
    with pytest.raises(hoarfrost.ModelError, match="'t'"):
        read(raw(TensorProto.FLOAT, [2], bytes(7)))
    with pytest.raises(NotImplementedError, match=r"unknown\(99\)") as caught:
        read(raw(99, [1], bytes(1)))
    assert isinstance(caught.value, hoarfrost.UnsupportedError)


def test_strings_are_str_objects_that_keep_stray_bytes():
    got = read(
        TensorProto(
            name="t", data_type=TensorProto.STRING, dims=[2, 1], string_data=[b"a", b"\xff\0"]
        )
    )
    assert got.dtype == object
    assert got.tolist() == [["a"], ["\udcff\0"]]


def constant(**attribute):
    y = onnx.helper.make_empty_tensor_value_info("y")
    node = onnx.helper.make_node("Constant", [], ["y"], **attribute)
    model = hoarfrost.load(onnx.helper.make_model(onnx.helper.make_graph([node], "g", [], [y])))
    return model.tensor("y").numpy()


def test_numbers_in_a_constants_attributes_are_read():
    # ONNX, operator Constant: value_int(s) are int64, value_float(s) float32.
    for got, want in (
        (constant(value_int=-7), numpy.array(-7, numpy.int64)),
        (constant(value_ints=[1, 2]), numpy.array([1, 2], numpy.int64)),
        (constant(value_float=1.5), numpy.array(1.5, numpy.float32)),
        (constant(value_floats=[0.5] * 3000), numpy.full(3000, 0.5, numpy.float32)),
    ):
        assert (got.dtype, got.shape) == (want.dtype, want.shape)
        assert got.tolist() == want.tolist()
    assert constant(value_string="a").tolist() == "a"
    assert constant(value_strings=["a", "b"]).tolist() == ["a", "b"]


@pytest.mark.parametrize("indices", [[1, 5], [[0, 1], [1, 2]]])
def test_a_sparse_tensor_is_made_dense(indices):
    values = onnx.numpy_helper.from_array(numpy.array([7, 8], numpy.float32), "t")
    places = onnx.numpy_helper.from_array(numpy.array(indices, numpy.int64))
    got = constant(sparse_value=onnx.helper.make_sparse_tensor(values, places, [2, 3]))
    assert got.dtype == numpy.float32
    assert got.tolist() == [[0, 7, 0], [0, 0, 8]]


def test_without_ml_dtypes_the_error_names_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "ml_dtypes", None)
    with pytest.raises(hoarfrost.UnsupportedError, match="ml_dtypes"):
        read(raw(TensorProto.BFLOAT16, [1], [0x80, 0x3F]))
    assert read(raw(TensorProto.FLOAT, [1], bytes(4))).tolist() == [0]


def test_names_that_are_no_utf8_make_the_way_there_and_back(testdata):
    paths = sorted((testdata / "hostile").rglob("*non_utf8*.onnx"))
    assert paths
    found = 0
    for path in paths:
        model = hoarfrost.load(path)
        for tensor in model.tensors:
            raw_name = tensor.name.encode("utf-8", "surrogateescape")
            assert raw_name in path.read_bytes()
            assert model.tensor(tensor.name, tensor.scope) == tensor
            found += any("\udc80" <= c <= "\udcff" for c in tensor.name)
        model.summary()._repr_html_().encode()
    assert found
