import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TESTDATA = ROOT / "testdata"


def corpus():
    """Every readable model there is: testdata, and what HOARFROST_CORPUS names."""
    folders = [path for path in sorted(TESTDATA.iterdir()) if path.name != "hostile"]
    if os.environ.get("HOARFROST_CORPUS"):
        folders.append(Path(os.environ["HOARFROST_CORPUS"]))
    return [model for folder in folders for model in sorted(folder.rglob("*.onnx"))]


@pytest.fixture(scope="session")
def root():
    return ROOT


@pytest.fixture(scope="session")
def examples():
    return ROOT / "python" / "examples"


@pytest.fixture(scope="session")
def testdata():
    return TESTDATA


@pytest.fixture(scope="session")
def dense_bn():
    """Dense(10) on 100 inputs and a BatchNormalization: 1,050 parameters, 20 of them statistics."""
    return TESTDATA / "handmade" / "hand_dense_bn.onnx"


@pytest.fixture(scope="session", params=corpus(), ids=lambda path: path.stem)
def any_model(request):
    return request.param
