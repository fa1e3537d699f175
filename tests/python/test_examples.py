"""Every example runs, on a model of every kind of exporter."""

import shutil
import subprocess
import sys

import pytest


def run(script, *arguments, cwd):
    done = subprocess.run(
        [sys.executable, "-W", "error", script, *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(params=["handmade/hand_dense_bn", "pytorch/nn_conv_bn2d__ts_train"])
def model(request, testdata, tmp_path):
    path = tmp_path / "model.onnx"
    shutil.copyfile(testdata / f"{request.param}.onnx", path)
    return path


def test_inspect(examples, model, tmp_path):
    assert "parameters are trainable" in run(examples / "inspect_model.py", model, cwd=tmp_path)


def test_explain(examples, model, tmp_path):
    assert "BatchNormalization" in run(examples / "explain_tensors.py", model, cwd=tmp_path)


def test_freeze(examples, model, tmp_path):
    out = run(examples / "freeze_layers.py", model, tmp_path / "frozen.onnx", cwd=tmp_path)
    assert "still are" in out and "frozen_params" in out


def test_pandas(examples, model, tmp_path):
    pytest.importorskip("pandas")
    assert "weight" in run(examples / "into_pandas.py", model, cwd=tmp_path)


def test_zoo(examples, model, tmp_path):
    pytest.importorskip("pandas")
    out = run(examples / "ask_a_zoo.py", tmp_path, cwd=tmp_path)
    assert "model.onnx" in out and "totals.parameters" in out


def test_each_example_is_tested_here(examples):
    names = {path.stem for path in examples.glob("*.py")}
    assert names == {
        "ask_a_zoo",
        "explain_tensors",
        "freeze_layers",
        "inspect_model",
        "into_pandas",
    }
