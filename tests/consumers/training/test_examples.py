"""The examples for trainers run, each where its trainer is installed."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import hoarfrost
import models
import pytest

EXAMPLES = Path(__file__).resolve().parents[3] / "python" / "examples" / "trainers"

# tinygrad compiles with clang, which need not be there; interpreting goes without.
NEEDS = {
    "tune_jax": "jaxonnxruntime",
    "tune_ort": "onnxruntime.training",
    "tune_tinygrad": "tinygrad",
    "tune_torch": "onnx2torch",
}

# torchvision, as in with_torch.py.
RUN = """
import runpy, sys
sys.path.insert(0, sys.argv[1])
if sys.argv[2].endswith("tune_torch.py"):
    import with_torch
sys.argv[:2] = []
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def installed(name):
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def test_each_example_has_a_trainer():
    assert {path.stem for path in EXAMPLES.glob("*.py")} == set(NEEDS)


@pytest.mark.parametrize("example", sorted(NEEDS))
def test_the_example_runs(example, options, tmp_path):
    if not installed(NEEDS[example]):
        pytest.skip(f"{NEEDS[example]} is not installed here")
    if options.quick and example == "tune_tinygrad":
        pytest.skip("a minute long")
    frozen = models.freeze(hoarfrost.load(models.make("mlp")), "backbone")
    source, target = tmp_path / "frozen.onnx", tmp_path / "tuned.onnx"
    frozen.save(source)
    script = str(EXAMPLES / f"{example}.py")
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(Path(__file__).parent), script, source, target],
        cwd=tmp_path,
        env={**os.environ, "DEV": "PYTHON"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "verified" in done.stdout
    assert frozen.verify(target).trainable.changed == len(frozen.plan().trainable)
