"""Records made on a Ray cluster, by Ray Data.

Ray Data splits the list into tasks, runs them where there is room, runs them again where a worker
or a node died, holds back when results are not taken, and shows progress. What is here hands it
the list and takes the records back in order.
"""

from __future__ import annotations

import importlib
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from hoarfrost import _batch

if TYPE_CHECKING:
    from hoarfrost._batch import Found

# Models a task: enough that starting it costs little, few enough that losing it does too.
_TASK = 64


def records(
    found: list[Found], full: bool, jobs: int | None, address: str | None
) -> Generator[bytes, None, None]:
    """The records, in the order of `found`."""
    ray = _import("ray")
    data = _import("ray.data")
    if address is not None or not ray.is_initialized():
        ray.init(address=address, ignore_reinit_error=True)
    if not found:
        return
    options = data.DataContext.get_current().execution_options
    ordered = options.preserve_order
    options.preserve_order = True
    try:
        made = data.from_arrow(_tables(found)).map_batches(
            _inspect_all,
            batch_size=None,
            batch_format="pyarrow",
            zero_copy_batch=True,
            fn_kwargs={"full": full},
            compute=data.TaskPoolStrategy(jobs) if jobs else None,
        )
        for batch in made.iter_batches(batch_size=None, batch_format="pyarrow"):
            for record in batch["record"]:
                yield record.as_py()
    finally:
        options.preserve_order = ordered


def _tables(found: list[Found]) -> list[Any]:
    """A block of Ray Data for each task."""
    pyarrow = _import("pyarrow")
    tables = []
    for start in range(0, len(found), _TASK):
        files, problems = zip(*found[start : start + _TASK], strict=True)
        columns = {"file": pyarrow.array(files), "problem": pyarrow.array(problems)}
        tables.append(pyarrow.table(columns))
    return tables


def _inspect_all(batch: Any, full: bool) -> Any:
    """Runs on a worker: a task's models to their records."""
    pyarrow = _import("pyarrow")
    pairs = zip(batch["file"].to_pylist(), batch["problem"].to_pylist(), strict=True)
    lines = [_batch.inspect(pair, full) for pair in pairs]
    return pyarrow.table({"record": pyarrow.array(lines, pyarrow.large_binary())})


def _import(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ImportError("engine='ray' needs Ray: pip install hoarfrost[ray]") from error
