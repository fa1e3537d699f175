"""The types that the package states hold, for itself and for its examples."""

import subprocess
import sys

import pytest

pytest.importorskip("mypy")
pytest.importorskip("pandas")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where mypy runs: the tests share what it finds out of others' packages."""
    return tmp_path_factory.mktemp("mypy")


def mypy(*arguments, cwd):
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", cwd / "cache", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_package_is_strictly_typed(folder):
    mypy("-p", "hoarfrost", cwd=folder)


def test_the_examples_are_strictly_typed(examples, folder):
    mypy("--scripts-are-modules", *sorted(examples.glob("*.py")), cwd=folder)


def test_a_wrong_use_is_found(folder):
    wrong = folder / "wrong.py"
    wrong.write_text("import hoarfrost\nhoarfrost.load(7)\n")
    with pytest.raises(AssertionError, match="arg-type"):
        mypy(wrong, cwd=folder)
