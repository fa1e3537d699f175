"""load(): what it takes, and what it says of what is no model."""

import gzip
import io
import os
import pathlib

import hoarfrost
import pytest


def check(model):
    assert model.totals.parameters == 1050
    assert model.totals.trainable == 1030
    assert model.totals.statistics == 20


def test_takes_paths_of_every_kind(dense_bn):
    check(hoarfrost.load(str(dense_bn)))
    check(hoarfrost.load(dense_bn))

    class Bytes(os.PathLike):
        def __fspath__(self):
            return os.fsencode(dense_bn)

    check(hoarfrost.load(Bytes()))


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_takes_bytes_of_every_kind(dense_bn, kind):
    check(hoarfrost.load(kind(dense_bn.read_bytes())))


def test_takes_open_files(dense_bn):
    with open(dense_bn, "rb") as file:
        model = hoarfrost.load(file)
    check(model)
    assert model.info.file == str(dense_bn)
    check(hoarfrost.load(io.BytesIO(dense_bn.read_bytes())))
    with open(dense_bn, encoding="latin-1") as file, pytest.raises(TypeError, match="binary"):
        hoarfrost.load(file)


def test_an_open_file_is_taken_as_its_path_only_where_it_is_the_model(dense_bn, tmp_path):
    packed = tmp_path / "m.onnx.gz"
    with gzip.open(packed, "wb") as file:
        file.write(dense_bn.read_bytes())
    with gzip.open(packed, "rb") as file:
        check(hoarfrost.load(file))
    prefixed = tmp_path / "prefixed"
    prefixed.write_bytes(b"head" + dense_bn.read_bytes())
    with open(prefixed, "rb") as file:
        file.seek(4)
        check(hoarfrost.load(file))
    path = tmp_path / "m.onnx"
    with open(path, "w+b") as file:
        file.write(dense_bn.read_bytes())
        file.seek(0)
        check(hoarfrost.load(file))
        file.seek(0)
        path.unlink()
        check(hoarfrost.load(file))


def test_takes_an_onnx_model(dense_bn):
    onnx = pytest.importorskip("onnx")
    proto = onnx.load(dense_bn)
    model = hoarfrost.load(proto)
    check(model)
    assert model.info.file == "<ModelProto>"
    assert model.to_onnx() == proto


def test_takes_nothing_else():
    with pytest.raises(TypeError, match="not int"):
        hoarfrost.load(7)
    with pytest.raises(TypeError, match="own folder"):
        hoarfrost.load("m.onnx", directory=".")


def test_external_data_is_found_from_where_the_model_is(testdata):
    path = testdata / "handmade" / "hand_external_onefile.onnx"
    tensors = [t for t in hoarfrost.load(path).tensors if t.storage.kind == "external"]
    want = [tensor.numpy().tobytes() for tensor in tensors]
    assert want
    with open(path, "rb") as file:
        from_file = hoarfrost.load(file)
    from_bytes = hoarfrost.load(path.read_bytes(), directory=path.parent)
    for model in (from_file, from_bytes):
        assert [model.tensor(t.name).numpy().tobytes() for t in tensors] == want
    with pytest.raises(hoarfrost.HoarfrostError):
        hoarfrost.load(path.read_bytes()).tensor(tensors[0].name).numpy()


def test_a_path_that_is_no_utf8_works(dense_bn, tmp_path):
    path = os.path.join(os.fsencode(tmp_path), b"m\xff.onnx")
    with open(path, "wb") as file:
        file.write(dense_bn.read_bytes())
    model = hoarfrost.load(os.fsdecode(path))
    check(model)
    assert os.fsencode(model.info.file) == path


def test_a_missing_file_is_a_file_not_found(tmp_path):
    with pytest.raises(FileNotFoundError) as caught:
        hoarfrost.load(tmp_path / "none.onnx")
    assert isinstance(caught.value, hoarfrost.NotFoundError)
    assert "none.onnx" in str(caught.value)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_forbidden_file_is_a_permission_error(dense_bn, tmp_path):
    path = tmp_path / "m.onnx"
    path.write_bytes(dense_bn.read_bytes())
    path.chmod(0)
    with pytest.raises(PermissionError):
        hoarfrost.load(path)


def test_a_file_that_is_no_model_is_a_value_error(tmp_path):
    path = tmp_path / "text.onnx"
    path.write_text("not a model at all\n")
    with pytest.raises(ValueError) as caught:
        hoarfrost.load(path)
    assert isinstance(caught.value, hoarfrost.ModelError)
    assert "text.onnx" in str(caught.value)
    with pytest.raises(hoarfrost.ModelError, match="<bytes>"):
        hoarfrost.load(b"not a model at all\n")


def test_a_directory_is_an_error(tmp_path):
    with pytest.raises(hoarfrost.HoarfrostError):
        hoarfrost.load(tmp_path)


def test_every_hostile_file_loads_or_fails_by_name(testdata):
    paths = sorted((testdata / "hostile").rglob("*.onnx"))
    assert paths
    for path in paths:
        if not path.is_file():
            continue
        try:
            model = hoarfrost.load(path)
        except hoarfrost.HoarfrostError as error:
            assert path.name in str(error)
            continue
        repr(model), model.summary(), model.to_dict()
        for tensor in model.tensors:
            tensor.explain()
            if tensor.bytes < 1 << 20:
                try:
                    tensor.numpy()
                except hoarfrost.HoarfrostError:
                    pass


def test_a_file_that_changed_is_read_no_more(dense_bn, tmp_path):
    path = tmp_path / "m.onnx"
    path.write_bytes(dense_bn.read_bytes())
    model = hoarfrost.load(path)
    with open(path, "ab") as file:
        file.write(b"\0\0")
    with pytest.raises(hoarfrost.StateError):
        model.tensors[0].numpy()
    with pytest.raises(hoarfrost.StateError):
        model.save(tmp_path / "out.onnx")
    assert not (tmp_path / "out.onnx").exists()


def test_shapes_are_inferred_where_asked_for(testdata):
    onnx = pytest.importorskip("onnx")
    proto = onnx.load(testdata / "handmade" / "hand_dense_bn.onnx")
    del proto.graph.value_info[:]
    shapes = [layer.output_shape for layer in hoarfrost.load(proto, infer_shapes=True).layers]
    assert None not in shapes


def test_pathlib_and_str_are_one(dense_bn):
    assert hoarfrost.load(pathlib.Path(dense_bn)).info == hoarfrost.load(str(dense_bn)).info
