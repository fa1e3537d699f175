#!/usr/bin/env python3
"""batch_bench.py [--rounds N] [--data FOLDER]: `hoarfrost batch` over 1,000 models of 0.9 GB.

Beside it, in rounds that take turns: the bare scan of the same files with as many threads, and a
Python process (and a pool of two) that loads each with onnx and walks over its initializers. Warm,
then cold: before each run the files are dropped from the page cache by posix_fadvise. Prints
medians and the ratios that matter; asserts nothing. Needs 1 GB of disk.
"""

import argparse
import os
import statistics
import subprocess
from pathlib import Path

import batch_inputs
from run import BUILD, CACHE, HERE, ROOT, measure, python_with_onnx


def drop(folder):
    """Drops the files from the page cache."""
    for path in folder.rglob("*.onnx"):
        fd = os.open(path, os.O_RDONLY)
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(fd)


def compare(name, commands, rounds, before=lambda: None):
    """Runs the commands in rounds, the first of them not counted; {who: (wall, processor, MB)}."""
    runs = {who: [] for who in commands}
    for turn in range(rounds + 1):
        for who, command in commands.items():
            before()
            result = measure(command)
            if turn > 0:
                runs[who].append(result)
    medians = {}
    for who, results in runs.items():
        walls, rss, processor = zip(*results, strict=True)
        medians[who] = (statistics.median(walls), statistics.median(processor), max(rss))
        print(
            f"| {name} | {who} | {medians[who][0]:,.1f} | {min(walls):,.1f}"
            f" | {medians[who][1]:,.1f} | {max(rss):,.1f} |",
            flush=True,
        )
    return medians


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--data", type=Path, default=CACHE / "benchmarks" / "zoo")
    args = parser.parse_args()

    subprocess.run([ROOT / "tools/setup"], check=True)
    subprocess.run([ROOT / "tools/build", "release", "benchmarks"], check=True)
    size = batch_inputs.make(args.data)
    os.sync()
    print(f"{size / 1e9:.2f} GB in 1,000 models")

    report = args.data.parent / f"{args.data.name}.jsonl"
    batch = [BUILD / "hoarfrost", "batch", args.data, "--quiet"]
    scan = BUILD / "tests/benchmarks/bare_scan"
    peer = [python_with_onnx(), HERE / "onnx_batch.py", args.data]

    print("| cache | process | wall ms | least ms | processor ms | peak MB |")
    print("| --- | --- | ---: | ---: | ---: | ---: |")
    warm = compare(
        "warm",
        {
            "bare scan, 1 thread": [scan, "-j1", args.data],
            "bare scan, 2 threads": [scan, "-j2", args.data],
            "batch --json --jobs 1": [*batch, "--json", "--jobs", "1"],
            "batch --json --jobs 2": [*batch, "--json", "--jobs", "2"],
            "batch --json": [*batch, "--json"],
            "batch --report": [*batch, "--report", report],
            "onnx, 1 process": [*peer, "1"],
            "onnx, 2 processes": [*peer, "2"],
        },
        args.rounds,
    )
    cold = compare(
        "cold",
        {
            "bare scan, 32 threads": [scan, "-j32", args.data],
            "batch --json": [*batch, "--json"],
            "batch --report": [*batch, "--report", report],
        },
        args.rounds,
        lambda: drop(args.data),
    )
    report.unlink(missing_ok=True)

    def ratio(table, over, under):
        return table[over][0] / table[under][0]

    fastest = min(warm["onnx, 1 process"][0], warm["onnx, 2 processes"][0])
    single, many = "batch --json --jobs 1", "batch --json"
    floor = "bare scan, 1 thread"
    times = ratio(cold, many, "bare scan, 32 threads")
    peak = max(row[2] for who, row in [*warm.items(), *cold.items()] if "batch" in who)
    print()
    print(f"warm: one job takes {ratio(warm, single, floor):.2f} times the bare scan (bar: 4)")
    print(f"warm: 32 jobs take {ratio(warm, many, floor):.2f} times the bare scan (bar: 3)")
    print(f"warm: onnx takes {fastest / warm[single][0]:.1f} times as long as one job (bar: 8)")
    print(f"warm: onnx takes {fastest / warm[many][0]:.1f} times as long as 32 jobs (bar: 12)")
    print(f"cold: batch takes {times:.2f} times the bare scan with 32 threads (bar: 2)")
    print(f"peak memory: {peak:.0f} MB (bar: 150)")


if __name__ == "__main__":
    main()
