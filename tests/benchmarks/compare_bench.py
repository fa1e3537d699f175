#!/usr/bin/env python3
"""compare_bench.py HOARFROST [--rounds N] [--data FOLDER]

diff and verify of two 1.9 GB files against `cat` of both, and merge against `cp` with a sync of the
copy, in interleaved rounds, warm. Prints medians, ratios and peak resident memory; asserts nothing.
Needs 8 GB of disk and of memory for the page cache.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import inputs

LAYERS = 200


def run(command, statuses):
    """-> wall time in seconds and peak resident memory in MB."""
    begin = time.perf_counter()
    child = subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in statuses:
        sys.exit(f"exit {child.returncode}: {' '.join(map(str, command))}")
    return time.perf_counter() - begin, usage.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("hoarfrost", type=Path)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--data", type=Path, default=Path(tempfile.gettempdir()))
    args = parser.parse_args()

    with tempfile.TemporaryDirectory(dir=args.data) as name:
        folder = Path(name)
        base, same, half, moved = (folder / f"{n}.onnx" for n in ("base", "same", "half", "moved"))
        inputs.big(base)
        inputs.big(same)
        inputs.big(half, trained=lambda i: i >= LAYERS)
        inputs.big(moved, trained=lambda i: True)
        plan = folder / "plan.json"
        freeze = [args.hoarfrost, "freeze", base, "--first", str(LAYERS // 2), "--dry-run"]
        plan.write_bytes(
            subprocess.run([*freeze, "--json"], check=True, capture_output=True).stdout
        )
        out = folder / "out.onnx"
        copy = f"cp {base} {out} && sync {out}"
        commands = {
            "cat of both": (["cat", base, same], {0}),
            "diff, all tensors equal": ([args.hoarfrost, "diff", base, same], {0}),
            "diff, every value changed": ([args.hoarfrost, "diff", base, moved], {1}),
            "verify, half frozen": ([args.hoarfrost, "verify", base, half, "--plan", plan], {0}),
            "verify, all but one frozen": (
                [args.hoarfrost, "verify", base, same, "--plan", folder / "all.json"],
                {0},
            ),
            "cp and sync of one": (["sh", "-c", copy], {0}),
            "merge, every value new": ([args.hoarfrost, "merge", base, moved, "-o", out], {0}),
        }
        nearly = [args.hoarfrost, "freeze", base, "--all", "--dry-run", "--json"]
        (folder / "all.json").write_bytes(
            subprocess.run(
                [*nearly, "--except", "tensors:layers.0.bias"], check=True, capture_output=True
            ).stdout
        )
        runs = {what: [] for what in commands}
        for turn in range(args.rounds + 1):
            for what, (command, statuses) in commands.items():
                out.unlink(missing_ok=True)
                result = run(command, statuses)
                if turn > 0:
                    runs[what].append(result)
    print("| process | median ms | peak MB | speed against its peer |")
    print("| --- | ---: | ---: | ---: |")
    medians = {what: statistics.median(t for t, _ in results) for what, results in runs.items()}
    for what, results in runs.items():
        peer = medians["cp and sync of one" if "merge" in what else "cat of both"]
        memory = max(m for _, m in results)
        print(
            f"| {what} | {medians[what] * 1000:,.0f} | {memory:,.1f} | {peer / medians[what]:.2f} |"
        )


if __name__ == "__main__":
    main()
