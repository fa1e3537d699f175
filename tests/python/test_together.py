"""In one process with the other libraries that bring a protobuf, imported in every order."""

import importlib.util
import itertools
import subprocess
import sys

import pytest

OTHERS = [name for name in ("onnx", "onnxruntime", "torch") if importlib.util.find_spec(name)]

# Each library is imported in turn, and does its own work after the last was imported.
SCRIPT = """
import importlib, io, sys, warnings
warnings.simplefilter("ignore")
order, path = sys.argv[1].split(","), sys.argv[2]
for name in order:
    globals()[name] = importlib.import_module(name)
for _ in range(2):
    model = hoarfrost.load(path)
    assert model.totals.parameters == 1050
    assert model.tensors[0].numpy().size == model.tensors[0].elements
    if "onnx" in order:
        proto = onnx.load(path)
        onnx.checker.check_model(proto, full_check=True)
        assert model.to_onnx() == proto
        assert hoarfrost.load(proto, infer_shapes=True).totals == model.totals
        onnx.shape_inference.infer_shapes(proto)
    if "onnxruntime" in order:
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        assert session.get_inputs()
    if "torch" in order:
        written = io.BytesIO()  # by the protobuf within torch
        torch.onnx.export(torch.nn.Linear(2, 3), torch.ones(1, 2), written, dynamo=False)
        assert hoarfrost.load(written.getvalue()).totals.trainable == 9
print("done")
"""


@pytest.mark.parametrize(
    "order", list(itertools.permutations(["hoarfrost", *OTHERS])), ids=",".join
)
def test_no_order_of_import_clashes(order, dense_bn):
    if len(order) == 1:
        pytest.skip("none of onnx, onnxruntime, torch is installed")
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, ",".join(order), str(dense_bn)],
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (0, "done\n"), done.stderr


def test_importing_hoarfrost_imports_none_of_them():
    script = (
        "import sys, hoarfrost;"
        "print(*sorted({'numpy', 'pandas', 'onnx', 'ml_dtypes', 'torch'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.strip() == "", done.stdout
