import hoarfrost
import pytest

pytest.importorskip("pandas")


def test_a_row_a_tensor(dense_bn):
    model = hoarfrost.load(dense_bn)
    frame = model.to_pandas()
    assert list(frame.name) == [tensor.name for tensor in model.tensors]
    parameters = frame[frame.role.isin(["weight", "statistic"])]
    assert parameters.elements.sum() == 1050
    assert frame[frame.trainable].elements.sum() == 1030
    assert {"scope", "dtype", "shape", "layer", "evidence", "reason", "storage"} <= set(frame)


def test_counts_that_not_every_tensor_has_stay_whole_numbers(testdata):
    model = hoarfrost.load(next(testdata.rglob("sparse_initializer_coo*.onnx")))
    counts = model.to_pandas().stored_elements
    assert counts.dtype == "Int64"
    stored = [tensor.stored_elements for tensor in model.tensors]
    assert any(stored)
    assert [None if na else n for n, na in zip(counts, counts.isna(), strict=True)] == stored


def test_a_row_a_layer(dense_bn):
    frame = hoarfrost.load(dense_bn).to_pandas(by="layer")
    assert frame.parameters.tolist() == [1010, 40]
    assert frame.trainable.tolist() == [1010, 20]


def test_no_other_rows(dense_bn):
    with pytest.raises(ValueError, match="dtype"):
        hoarfrost.load(dense_bn).to_pandas(by="dtype")


def test_a_model_without_tensors_has_the_columns():
    # ir_version 8 and a graph without anything.
    model = hoarfrost.load(b"\x08\x08\x3a\x00")
    assert len(model.to_pandas()) == 0
    assert "role" in model.to_pandas() and "path" in model.to_pandas(by="layer")
