#!/usr/bin/env python3
"""freeze_bench.py HOARFROST [--rounds N] [--data FOLDER] [--peers PYTHON]

Freezing a 1.9 GB single file against `cp` and a sync of the copy, in interleaved rounds, and a
model whose sparse data file has 60 GB, of which nothing may be read. With --peers, a Python that
has
onnx and onnx_ir: their load and save of the same file. Prints medians, the ratio and peak resident
memory; asserts nothing. Needs 4 GB of disk (with --peers 8 GB of memory).
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

LAYERS = 400
PEERS = {
    "onnx": "import onnx, sys; onnx.save(onnx.load(sys.argv[1]), sys.argv[2])",
    "onnx_ir": "import onnx_ir, sys; onnx_ir.save(onnx_ir.load(sys.argv[1]), sys.argv[2])",
}


def run(command):
    """-> wall time in seconds and peak resident memory in MB."""
    begin = time.perf_counter()
    child = subprocess.Popen(
        list(map(str, command)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"exit {child.returncode}: {' '.join(map(str, command))}")
    return time.perf_counter() - begin, usage.ru_maxrss / 1024


def row(what, runs):
    times, memory = zip(*runs, strict=True)
    median = statistics.median(times)
    print(
        f"| {what} | {median * 1000:,.1f} | {min(times) * 1000:,.1f} | {max(memory):,.1f} |",
        flush=True,
    )
    return median


def write_external(path, layers, width):
    """A chain of dense layers whose data is a file of holes beside it."""
    size = width * width * 4
    ends = inputs.value(11, "v0", (1, width)) + inputs.value(12, f"v{layers}", (1, width))
    graph = inputs.data(2, "graph")
    for i in range(layers):
        graph += inputs.node("MatMul", [f"v{i}", f"w{i}"], [f"v{i + 1}"], f"layer{i}")
        keys = {"location": path.name + ".data", "offset": str(i * size), "length": str(size)}
        tensor = inputs.tensor_head(f"w{i}", (width, width))
        for key, value in keys.items():
            tensor += inputs.data(13, inputs.data(1, key) + inputs.data(2, value))
        graph += inputs.data(5, tensor + inputs.number(14, 1))
    opset = inputs.data(8, inputs.number(2, 18))
    path.write_bytes(inputs.number(1, 10) + opset + inputs.data(7, graph + ends))
    with open(f"{path}.data", "wb") as out:
        out.truncate(layers * size)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("hoarfrost")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--peers")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=args.data) as name:
        folder = Path(name)
        model, out, copy = folder / "m.onnx", folder / "out.onnx", folder / "copy.onnx"
        inputs.big(model)
        print(f"{model.stat().st_size / 1e9:.2f} GB in one file")
        print("| what | median ms | least ms | most MB |\n| --- | ---: | ---: | ---: |")
        ways = {
            "hoarfrost freeze --all": [args.hoarfrost, "freeze", model, "--all", "-o", out],
            "cp, then sync": ["sh", "-c", f'cp "{model}" "{copy}" && sync "{copy}"'],
        }
        runs = {what: [] for what in ways}
        for turn in range(args.rounds + 1):
            for what, command in ways.items():
                out.unlink(missing_ok=True)
                copy.unlink(missing_ok=True)
                os.sync()
                result = run(command)
                if turn > 0:
                    runs[what].append(result)
        medians = [row(what, results) for what, results in runs.items()]
        print(f"ratio of medians: {medians[0] / medians[1]:.3f}")
        for peer in PEERS if args.peers else ():
            out.unlink(missing_ok=True)
            row(f"{peer} load + save", [run([args.peers, "-c", PEERS[peer], model, out])])
        model.unlink()

        external = folder / "external.onnx"
        write_external(external, LAYERS, 6128)
        size = (folder / "external.onnx.data").stat()
        frozen = folder / "frozen.onnx"
        command = [args.hoarfrost, "freeze", external, "--all", "-o", frozen]
        row(
            f"freeze, {size.st_size / 1e9:.0f} GB of external data",
            [run(command) for _ in range(args.rounds + 1)][1:],
        )
        after = (folder / "external.onnx.data").stat()
        print(f"data file read: {'no' if after.st_atime_ns == size.st_atime_ns else 'yes'}")


if __name__ == "__main__":
    main()
