#!/usr/bin/env python3
"""run.py [--rounds N] [--data FOLDER]: `hoarfrost inspect --json` beside what else reads a model.

Whole processes, warm, one after the other in rounds so that what disturbs the machine disturbs all;
medians of wall and processor time and of peak resident memory. Prints a table and the ratios that
matter; asserts nothing. Needs 2 GB of disk for the inputs and 4 GB of memory for the Python side.
"""

import argparse
import os
import statistics
import subprocess
import sys
import typing
from pathlib import Path

import inputs

ROOT = Path(__file__).resolve().parents[2]
HERE = ROOT / "tests" / "benchmarks"
BUILD = ROOT / "build" / "release"
CACHE = Path(
    os.environ.get("HOARFROST_CACHE")
    or Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "hoarfrost"
)


def python_with_onnx():
    venv = CACHE / "benchmarks-venv"
    python = venv / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
    install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*install, "-r", HERE / "requirements.txt"], check=True)
    return python


class Run(typing.NamedTuple):
    status: int  # negative: the signal
    seconds: float
    peak: float  # resident memory, MB
    processor: float  # seconds


def measure_any(command):
    """One run, whatever its exit status; what it says is thrown away."""
    out = subprocess.run(
        [BUILD / "tests/benchmarks/measure", *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    status, wall, cpu, rss = map(int, out.stdout.split())
    return Run(status, wall / 1e6, rss / 1024, cpu / 1e6)


def measure(command):
    """-> wall time in ms, peak resident memory in MB and processor time in ms of one run."""
    run = measure_any(command)
    if run.status != 0:
        sys.exit(f"exit {run.status}: {' '.join(map(str, command))}")
    return run.seconds * 1000, run.peak, run.processor * 1000


def compare(name, path, commands, rounds):
    """Runs all commands once to warm up, then in rounds; prints and gives {who: (ms, MB, ms)}."""
    runs = {who: [] for who in commands}
    for turn in range(rounds + 1):
        for who, command in commands.items():
            result = measure([*command, path])
            if turn > 0:
                runs[who].append(result)
    medians = {}
    for who, results in runs.items():
        wall, rss, cpu = (statistics.median(column) for column in zip(*results, strict=True))
        medians[who] = (wall, rss, cpu)
        print(f"| {name} | {who} | {wall:,.1f} | {cpu:,.1f} | {rss:,.1f} |", flush=True)
    return medians


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--data", type=Path, default=CACHE / "benchmarks")
    args = parser.parse_args()

    subprocess.run([ROOT / "tools/setup"], check=True)
    subprocess.run([ROOT / "tools/build", "release", "benchmarks"], check=True)
    models = inputs.make(args.data)
    ours = [BUILD / "hoarfrost", "inspect", "--json"]
    scan = [BUILD / "tests/benchmarks/bare_scan"]
    heap = [BUILD / "tests/benchmarks/heap_parse"]
    onnx = [python_with_onnx(), HERE / "onnx_load.py"]

    print("| model | process | wall ms | processor ms | peak MB |")
    print("| --- | --- | ---: | ---: | ---: |")
    commands = {"hoarfrost": ours, "bare scan": scan, "heap parse": heap, "onnx.load": onnx}
    tiny = compare("tiny", models["tiny"], commands, args.rounds * 3)
    nodes = compare("200,000 nodes", models["nodes"], commands, args.rounds)
    del commands["heap parse"]  # as long and as large as onnx.load, and no bar asks for it
    big = compare("1.9 GB", models["big"], commands, args.rounds)

    def ratio(table, over, under, column):
        return table[over][column] / table[under][column]

    print()
    print(f"tiny: hoarfrost takes {tiny['hoarfrost'][0]:.1f} ms (bar: 8)")
    print(
        f"200,000 nodes: hoarfrost takes {ratio(nodes, 'hoarfrost', 'heap parse', 0):.2f} times"
        " the heap parse's time (bar: 2)"
    )
    print(
        f"1.9 GB: onnx.load takes {ratio(big, 'onnx.load', 'hoarfrost', 0):,.0f} times"
        f" hoarfrost's time (bar: 300), {ratio(big, 'onnx.load', 'hoarfrost', 1):,.0f} times"
        " its memory (bar: 100)"
    )
    print(
        f"1.9 GB: hoarfrost takes {ratio(big, 'hoarfrost', 'bare scan', 0):.2f} times"
        " the bare scan's time (bar: 2)"
    )


if __name__ == "__main__":
    main()
