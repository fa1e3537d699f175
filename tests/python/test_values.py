"""Tensor.values() against NumPy's own arithmetic in float64, over every model there is."""

import math

import hoarfrost
import numpy
import pytest

onnx = pytest.importorskip("onnx")
ml_dtypes = pytest.importorskip("ml_dtypes")

SIXTEEN_MB = 1 << 24
SMALLEST_NORMAL = {"float32": 2.0**-126, "float64": 2.0**-1022}


def smallest_normal(dtype):
    if dtype.name in SMALLEST_NORMAL:
        return SMALLEST_NORMAL[dtype.name]
    return float(ml_dtypes.finfo(dtype).smallest_normal)


def parts(array):
    """The values as one row of reals: of complex numbers both parts."""
    if array.dtype.kind == "c":
        array = array.reshape(-1).view(f"float{array.dtype.itemsize * 4}")
    return array.reshape(-1)


def check(tensor):
    values = tensor.values()
    assert len(values.digest) == 32
    if tensor.dtype == "string":
        assert (values.count, values.min, values.mean) == (0, None, None)
        return
    array = parts(tensor.numpy())
    exact = array.dtype.kind in "iu"
    with numpy.errstate(invalid="ignore"):  # signalling NaN
        wide = array if exact else array.astype(numpy.float64)
    finite = wide if exact else wide[numpy.isfinite(wide)]
    assert values.count == wide.size
    assert values.zeros == int((wide == 0).sum())
    if exact:
        assert (values.nan, values.inf, values.subnormals) == (0, 0, 0)
    else:
        assert values.nan == int(numpy.isnan(wide).sum())
        assert values.inf == int(numpy.isinf(wide).sum())
        small = 0
        if tensor.dtype not in ("bool", "int4", "uint4", "int2", "uint2", "float8e8m0"):
            small = int(((wide != 0) & (numpy.abs(wide) < smallest_normal(array.dtype))).sum())
        assert values.subnormals == small
    if finite.size == 0:
        assert (values.min, values.max, values.mean, values.std) == (None, None, None, None)
        return
    assert values.min == finite.min()
    assert values.max == finite.max()
    with numpy.errstate(over="ignore", invalid="ignore"):
        mean = finite.mean(dtype=numpy.float64)
        std = finite.std(dtype=numpy.float64)
    largest = max(abs(float(values.min)), abs(float(values.max)))
    if math.isfinite(mean):
        assert values.mean == pytest.approx(mean, rel=1e-12, abs=1e-13 * largest)
    if math.isfinite(std):
        assert values.std == pytest.approx(std, rel=1e-9, abs=1e-13 * largest)
    else:
        assert values.std is None


def test_values_are_those_of_numpy(any_model):
    for tensor in hoarfrost.load(any_model).tensors:
        if tensor.bytes > SIXTEEN_MB or tensor.elements > SIXTEEN_MB:
            continue
        try:
            tensor.numpy() if tensor.dtype != "undefined" else tensor.values()
        except hoarfrost.HoarfrostError as error:  # no bytes, or not enough: then no values
            if not isinstance(error, hoarfrost.UnsupportedError):
                with pytest.raises(hoarfrost.HoarfrostError):
                    tensor.values()
            continue
        check(tensor)


TYPES = [
    name
    for name, number in onnx.TensorProto.DataType.items()
    if name not in ("UNDEFINED", "STRING") and number < 27
]


@pytest.mark.parametrize("name", TYPES)
@pytest.mark.parametrize("elements", [0, 1, 7, 1001])
def test_every_type_of_bits_of_chance(name, elements):
    bits = {"INT4": 4, "UINT4": 4, "FLOAT4E2M1": 4, "INT2": 2, "UINT2": 2}.get(name)
    data_type = onnx.TensorProto.DataType.Value(name)
    if bits is None:
        bits = 8 * onnx.helper.tensor_dtype_to_np_dtype(data_type).itemsize
    chance = numpy.random.default_rng(elements)
    data = chance.integers(0, 256, (elements * bits + 7) // 8, dtype=numpy.uint8)
    if name == "BOOL":
        data %= 2
    tensor = onnx.TensorProto(
        name="t", data_type=data_type, dims=[elements], raw_data=data.tobytes()
    )
    graph = onnx.helper.make_graph([], "g", [], [], initializer=[tensor])
    check(hoarfrost.load(onnx.helper.make_model(graph)).tensor("t"))


def test_a_sparse_tensor_counts_as_the_dense_one():
    values = onnx.helper.make_tensor("s", onnx.TensorProto.FLOAT, [2], [3.0, -5.0])
    indices = onnx.helper.make_tensor("", onnx.TensorProto.INT64, [2], [1, 7])
    graph = onnx.helper.make_graph([], "g", [], [])
    graph.sparse_initializer.append(onnx.helper.make_sparse_tensor(values, indices, [10]))
    check(hoarfrost.load(onnx.helper.make_model(graph)).tensor("s"))


def test_bytes_that_are_not_there_are_an_error():
    tensor = onnx.TensorProto(name="t", data_type=1, dims=[4], raw_data=b"1234")
    graph = onnx.helper.make_graph([], "g", [], [], initializer=[tensor])
    model = hoarfrost.load(onnx.helper.make_model(graph))
    with pytest.raises(hoarfrost.ModelError, match="'t'"):
        model.tensor("t").values()
