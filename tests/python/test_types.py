"""The types that the package states hold, for itself and for its examples."""

import subprocess
import sys

import pytest

pytest.importorskip("mypy")
pytest.importorskip("pandas")


def mypy(*arguments, cwd):
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", cwd / "cache", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_package_is_strictly_typed(tmp_path):
    mypy("-p", "hoarfrost", cwd=tmp_path)


def test_the_examples_are_strictly_typed(examples, tmp_path):
    for path in sorted(examples.glob("*.py")):  # scripts: each is its own __main__
        mypy(path, cwd=tmp_path)


def test_a_wrong_use_is_found(tmp_path):
    wrong = tmp_path / "wrong.py"
    wrong.write_text("import hoarfrost\nhoarfrost.load(7)\n")
    with pytest.raises(AssertionError, match="arg-type"):
        mypy(wrong, cwd=tmp_path)
