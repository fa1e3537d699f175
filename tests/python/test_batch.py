"""hoarfrost.batch() on threads: the records, order and report of the command."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import hoarfrost
import pytest

COMMAND = Path(sys.executable).with_name("hoarfrost")


def timeless(report):
    return re.sub(rb'"seconds":[0-9.]+', b"", report)


def by_command(*arguments):
    """What the command reports."""
    run = subprocess.run([COMMAND, "batch", *arguments, "--json", "--quiet"], capture_output=True)
    assert run.returncode in (0, 1), run.stderr
    return timeless(run.stdout)


@pytest.fixture
def one_bad(tmp_path, dense_bn):
    """Three models, two of one name; two broken ones; and what is no model."""
    models = tmp_path / "models"
    for name in ("a/model.onnx", "b/model.onnx", "b/UPPER.ONNX"):
        (models / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(dense_bn, models / name)
    (models / "a/broken.onnx").write_bytes(dense_bn.read_bytes()[:50])
    for name in ("b/empty.onnx", "a/._model.onnx", "a/readme.txt"):
        (models / name).write_bytes(b"")
    return models


@pytest.mark.parametrize("full", [False, True])
def test_report_is_that_of_the_command(testdata, tmp_path, full):
    report = tmp_path / "report.jsonl"
    done = hoarfrost.batch(testdata, report=report, full=full)
    expected = by_command(testdata, *(["--full"] if full else []))
    assert timeless(report.read_bytes()) == expected
    assert timeless(b"".join(done.lines())) == expected
    assert [record["file"] for record in done if record["status"] == "failed"] == [
        file for file, _ in done.failures
    ]
    assert os.listdir(tmp_path) == ["report.jsonl"]


def test_bad_files_are_failed_records(one_bad):
    done = hoarfrost.batch(one_bad)
    assert [Path(file).name for file, _ in done.failures] == ["broken.onnx", "empty.onnx"]
    assert [r["totals"]["parameters"] for r in done if r["status"] == "ok"] == [1050] * 3
    assert all("error" in r and r["status"] in ("ok", "failed") for r in done)


def test_any_number_of_jobs_gives_the_same(one_bad):
    reports = [b"".join(hoarfrost.batch(one_bad, jobs=jobs).lines()) for jobs in (1, 2, 50)]
    assert len({timeless(report) for report in reports}) == 1


def test_names_choose_files(one_bad):
    def names(**options):
        files = [Path(r["file"]).relative_to(one_bad) for r in hoarfrost.batch(one_bad, **options)]
        return [str(file) for file in files]

    assert names(glob="model.onnx") == ["a/model.onnx", "b/model.onnx"]
    assert names(exclude=["b", "broken*"]) == ["a/model.onnx"]
    assert "a/._model.onnx" in names(hidden=True)


def test_files_and_folders_may_be_mixed(one_bad):
    roots = [one_bad / "b", str(one_bad / "a/model.onnx")]
    assert len(list(hoarfrost.batch(roots))) == 4
    assert list(hoarfrost.batch([])) == []


def test_paths_that_are_no_utf8(tmp_path, dense_bn):
    shutil.copyfile(dense_bn, os.fsencode(tmp_path) + b"/\xff.onnx")
    (record,) = hoarfrost.batch(tmp_path)
    assert record["status"] == "ok" and "file_base64" in record


def test_wrong_use_is_refused(tmp_path, one_bad):
    with pytest.raises(FileNotFoundError):
        hoarfrost.batch(tmp_path / "no")
    with pytest.raises(hoarfrost.SelectionError):
        hoarfrost.batch(one_bad, glob="[")
    for options in ({"engine": "spark"}, {"jobs": 0}, {"address": "auto"}):
        with pytest.raises(ValueError):
            hoarfrost.batch(one_bad, **options)


def test_a_report_that_cannot_be_written_leaves_nothing(tmp_path, one_bad):
    target = tmp_path / "folder"
    target.mkdir()
    with pytest.raises(OSError):
        hoarfrost.batch(one_bad, report=target)
    assert sorted(os.listdir(tmp_path)) == ["folder", "models"]


def test_to_pandas(one_bad):
    pytest.importorskip("pandas")
    table = hoarfrost.batch(one_bad).to_pandas()
    assert list(table.status) == ["failed", "ok", "ok", "failed", "ok"]
    assert table["totals.statistics"].sum() == 60


def test_lines_are_json(one_bad):
    for line in hoarfrost.batch(one_bad).lines():
        assert json.loads(line)["schema"] == "hoarfrost.batch/1"
