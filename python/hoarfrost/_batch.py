"""Records of whole folders of models, made by threads or on a Ray cluster."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import tempfile
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Literal

from hoarfrost import _core
from hoarfrost._arguments import Patterns, patterns

if TYPE_CHECKING:
    import pandas

Path = str | os.PathLike[str] | os.PathLike[bytes]
# A model and, of a folder that could not be read, its record.
Found = tuple[bytes, bytes]


class Batch:
    """The records of a batch, in order: a sequence of dicts, read from the report when asked for.

    docs/batch.md of hoarfrost tells what is in a record.
    """

    def __init__(self, report: str | None, lines: list[bytes], failures: list[tuple[str, str]]):
        self.report = report
        self.failures = failures  # file and error of each model that failed
        self._lines = lines

    def lines(self) -> Iterator[bytes]:
        """The report's lines, as `hoarfrost batch --report` writes them."""
        if self.report is None:
            yield from self._lines
            return
        with open(self.report, "rb") as file:
            yield from file

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return map(json.loads, self.lines())

    def to_pandas(self) -> pandas.DataFrame:
        """A row per model, with columns such as totals.statistics and evidence.assumed."""
        try:
            import pandas
        except ImportError as error:
            raise ImportError("to_pandas() needs pandas: pip install hoarfrost[pandas]") from error
        return pandas.json_normalize(list(self))


def batch(
    paths: Path | Iterable[Path],
    *,
    report: Path | None = None,
    full: bool = False,
    glob: Patterns | None = None,
    exclude: Patterns | None = None,
    hidden: bool = False,
    engine: Literal["threads", "ray"] = "threads",
    jobs: int | None = None,
    address: str | None = None,
) -> Batch:
    """One record per model of folders (searched for *.onnx) and files, bad ones included.

    The records, their order and the report are those of `hoarfrost batch`: `full`, `glob`,
    `exclude` and `hidden` mean what its options do. With `report` they are written to that file,
    which appears when it is whole; without, they are kept in memory.

    `engine="ray"` spreads the work over the Ray cluster at `address` (pip install hoarfrost[ray]);
    without one, over the cluster that Ray is connected to already, or one that it starts here. All
    nodes must see the models under the same paths and have hoarfrost installed. `jobs` is how many
    models are read at a time, on Ray how many tasks run at a time.
    """
    if engine not in ("threads", "ray"):
        raise ValueError(f"engine is 'threads' or 'ray', not {engine!r}")
    if engine == "threads" and address is not None:
        raise ValueError("address is that of a Ray cluster, and goes with engine='ray'")
    if jobs is not None and jobs < 1:
        raise ValueError(f"jobs is 1 or more, not {jobs}")
    roots = [paths] if isinstance(paths, (str, os.PathLike)) else list(paths)
    found: list[Found] = _core.find_models(
        [os.fsencode(root) for root in roots],
        patterns("glob", glob),
        patterns("exclude", exclude),
        hidden,
    )
    if engine == "ray":
        from hoarfrost import _ray

        records = _ray.records(found, full, jobs, address)
    else:
        records = _on_threads(found, full, jobs)
    with contextlib.closing(records):
        return _collect(records, None if report is None else os.fsdecode(report))


def inspect(found: Found, full: bool) -> bytes:
    """The record of one model; runs on any thread and machine."""
    file, problem = found
    return problem or _core.inspect_record(file, full)


def _on_threads(found: list[Found], full: bool, jobs: int | None) -> Generator[bytes, None, None]:
    # More than cores: a model that is not in memory is waited for. A window at a time, so that
    # records do not pile up.
    jobs = jobs or max(32, 2 * (os.cpu_count() or 1))
    with ThreadPoolExecutor(jobs) as pool:
        window = 32 * jobs
        for start in range(0, len(found), window):
            part = found[start : start + window]
            yield from pool.map(inspect, part, itertools.repeat(full))


def _collect(records: Iterator[bytes], report: str | None) -> Batch:
    failures: list[tuple[str, str]] = []
    lines: list[bytes] = []

    def write_to(write: Callable[[bytes], object]) -> None:
        for record in records:
            # Only of a failed record is all of it small, and worth parsing.
            if b'"status":"failed"' in record[:20_000]:
                said = json.loads(record)
                if said["status"] == "failed":
                    failures.append((said["file"], said["error"]))
            write(record + b"\n")

    if report is None:
        write_to(lines.append)
        return Batch(None, lines, failures)
    folder = os.path.dirname(os.path.abspath(report))
    fd, part = tempfile.mkstemp(prefix=os.path.basename(report) + ".part-", dir=folder)
    try:
        with open(fd, "wb") as file:
            write_to(file.write)
            file.flush()
            os.fchmod(fd, 0o666 & ~_umask())
            os.fsync(fd)
        os.replace(part, report)
    except BaseException:
        os.unlink(part)
        raise
    return Batch(report, lines, failures)


def _umask() -> int:
    with open("/proc/self/status") as status:
        for line in status:
            if line.startswith("Umask:"):
                return int(line.split()[1], 8)
    return 0o022
