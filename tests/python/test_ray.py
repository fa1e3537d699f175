"""hoarfrost.batch(engine="ray") on a real local cluster of several nodes, some of which die."""

import os
import re
import shutil
import signal
import threading
import time
from pathlib import Path

import hoarfrost
import pytest

ray = pytest.importorskip("ray")
pytestmark = pytest.mark.filterwarnings("ignore")

NODES = 3
MODELS = 2000


def timeless(report):
    return re.sub(rb'"seconds":[0-9.]+', b"", report)


@pytest.fixture(scope="module")
def cluster():
    """A head node, where no task runs, and nodes of one core each."""
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
    for _ in range(NODES):
        cluster.add_node(num_cpus=1)
    cluster.wait_for_nodes()
    ray.init(address=cluster.address, log_to_driver=False)
    yield cluster
    ray.shutdown()
    cluster.shutdown()


@pytest.fixture
def zoo(tmp_path, dense_bn):
    models = tmp_path / "zoo"
    good = dense_bn.read_bytes()
    for i in range(MODELS):
        path = models / f"{i // 100:02d}" / f"m{i:04d}.onnx"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(good[:50] if i % 500 == 7 else good)
    return models


def test_one_bad(cluster, tmp_path, dense_bn):
    models = tmp_path / "models"
    for name in ("a/model.onnx", "b/model.onnx", "b/UPPER.ONNX"):
        (models / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(dense_bn, models / name)
    (models / "a/broken.onnx").write_bytes(b"no model")
    (models / "b/empty.onnx").write_bytes(b"")
    report = tmp_path / "report.jsonl"
    done = hoarfrost.batch(models, engine="ray", report=report)
    assert [os.path.basename(file) for file, _ in done.failures] == ["broken.onnx", "empty.onnx"]
    assert timeless(report.read_bytes()) == timeless(b"".join(hoarfrost.batch(models).lines()))


def test_full_records_and_an_empty_folder(cluster, tmp_path, testdata):
    threads = hoarfrost.batch(testdata, full=True)
    spread = hoarfrost.batch(testdata, full=True, engine="ray", jobs=2)
    assert timeless(b"".join(spread.lines())) == timeless(b"".join(threads.lines()))
    assert list(hoarfrost.batch(tmp_path, engine="ray")) == []


@pytest.mark.parametrize("victim", ["worker", "node"])
def test_the_report_is_whole_when_one_dies_in_the_middle(
    cluster, zoo, tmp_path, victim, monkeypatch
):
    node = next(iter(cluster.worker_nodes))
    expected = timeless(b"".join(hoarfrost.batch(zoo).lines()))
    killed = threading.Event()

    def kill():
        if victim == "node":
            cluster.remove_node(node, allow_graceful=False)
        else:
            os.kill(busy_worker(cluster), signal.SIGKILL)
        killed.set()

    # In the middle: when the first records have come back, and most have not.
    from hoarfrost import _ray

    records = _ray.records

    def records_and_a_kill(*args):
        for count, record in enumerate(records(*args)):
            if count == 100:
                kill()
            yield record

    monkeypatch.setattr(_ray, "records", records_and_a_kill)
    monkeypatch.setattr(_ray, "_TASK", 8)
    report = tmp_path / "report.jsonl"
    done = hoarfrost.batch(zoo, engine="ray", report=report)
    assert killed.is_set()
    assert len(done.failures) == MODELS // 500
    assert timeless(report.read_bytes()) == expected


def busy_worker(cluster):
    """The process of a worker that is running a task on one of the nodes."""
    nodes = cluster.worker_nodes
    parents = {str(info.process.pid) for node in nodes for info in node.all_processes["raylet"]}
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        for entry in filter(str.isdigit, os.listdir("/proc")):
            try:
                title = Path(f"/proc/{entry}/cmdline").read_bytes()
                status = Path(f"/proc/{entry}/status").read_text()
            except OSError:
                continue
            parent = re.search(r"^PPid:\t(\d+)$", status, re.MULTILINE)[1]
            if title.startswith(b"ray::") and b"IDLE" not in title and parent in parents:
                return int(entry)
    raise AssertionError("no worker is running a task")
