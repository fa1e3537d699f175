#!/usr/bin/env python3
"""python_load.py [--rounds N] [FILE]: hoarfrost.load beside onnx.load inside one warm process.

FILE is the 1.9 GB benchmark model unless given. Both packages must be installed; 6 GB of memory are
needed. Medians of wall time, and the memory that loading adds at its peak. Asserts nothing.
"""

import argparse
import ctypes
import gc
import os
import statistics
import time
from pathlib import Path

import hoarfrost
import inputs
import onnx


def status_kb(key):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(f"{key}:"))


def load(function, path):
    """-> milliseconds, and KB that the process grew by at its peak."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    with open("/proc/self/clear_refs", "w") as peak:
        peak.write("5")  # the peak starts from here
    before = status_kb("VmRSS")
    start = time.perf_counter()
    model = function(path)
    took = time.perf_counter() - start
    grown = status_kb("VmHWM") - before
    del model
    return took * 1e3, grown


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("file", nargs="?", type=Path)
    args = parser.parse_args()
    cache = os.environ.get("HOARFROST_CACHE") or (
        Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "hoarfrost"
    )
    path = args.file or inputs.make(Path(cache) / "benchmarks")["big"]

    functions = {"hoarfrost.load": hoarfrost.load, "onnx.load": onnx.load}
    runs = {name: [] for name in functions}
    for turn in range(args.rounds + 1):  # the first warms up
        for name, function in functions.items():
            result = load(function, path)
            if turn > 0:
                runs[name].append(result)

    print("| in one warm process | wall median ms | wall least ms | added memory, peak KB |")
    print("| --- | ---: | ---: | ---: |")
    medians = {}
    for name, results in runs.items():
        wall, grown = (statistics.median(column) for column in zip(*results, strict=True))
        medians[name] = wall, max(grown, 4)  # a page at least, so that there is a ratio
        print(f"| {name} | {wall:,.2f} | {min(r[0] for r in results):,.2f} | {grown:,.0f} |")
    ours, theirs = medians["hoarfrost.load"], medians["onnx.load"]
    print()
    print(
        f"onnx.load takes {theirs[0] / ours[0]:,.0f} times the time (bar: 500)"
        f" and {theirs[1] / ours[1]:,.0f} times the added memory (bar: 50)"
    )


if __name__ == "__main__":
    main()
