#!/usr/bin/env python3
"""values_bench.py HOARFROST [--rounds N] [--data FOLDER]

inspect --values --json of a 1.9 GB file against `cat` of it, in interleaved rounds, warm, and of as
many bytes of other element types. Prints times, ratios and peak resident memory; asserts nothing.
Needs 4 GB of disk and of memory for the page cache.
"""

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import inputs

TYPES = {"float64": (11, 8), "float16": (10, 2), "bfloat16": (16, 2), "int32": (6, 4)}
TYPES |= {"int8": (3, 1), "float8e4m3fn": (17, 1), "int4": (22, 0.5)}


def one_type(path, data_type, size, tensors=32, width=16 << 20):
    """512 MB of finite values of one type, each tensor with other ones."""
    bits = random.Random(data_type).randbytes(1 << 20)
    if data_type in (10, 11, 16):  # no exponent of all ones
        step = size
        bits = bytes(b & 0xBF if i % step == step - 1 else b for i, b in enumerate(bits))
    heads = []
    for i in range(tensors):
        dims = inputs.varint(int(width / size))
        head = inputs.data(1, dims) + inputs.number(2, data_type) + inputs.data(8, f"w{i}")
        head += inputs.varint(9 << 3 | 2) + inputs.varint(width)
        heads.append(inputs.varint(5 << 3 | 2) + inputs.varint(len(head) + width) + head)
    fixed = inputs.data(2, "graph")
    size_of_graph = len(fixed) + sum(map(len, heads)) + tensors * width
    with open(path, "wb") as out:
        out.write(inputs.number(1, 10) + inputs.data(8, inputs.number(2, 21)))
        out.write(inputs.varint(7 << 3 | 2) + inputs.varint(size_of_graph) + fixed)
        for i, head in enumerate(heads):
            out.write(head)
            turned = bits[64 * i :] + bits[: 64 * i]
            for _ in range(width // len(turned)):
                out.write(turned)


def run(command):
    """-> wall time in seconds and peak resident memory in MB."""
    begin = time.perf_counter()
    child = subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"exit {child.returncode}: {' '.join(map(str, command))}")
    return time.perf_counter() - begin, usage.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("hoarfrost", type=Path)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--data", type=Path, default=Path(tempfile.gettempdir()))
    parser.add_argument("--big", type=Path, help="the 1.9 GB file, if it is there already")
    parser.add_argument("--only-big", action="store_true", help="no other types")
    args = parser.parse_args()

    with tempfile.TemporaryDirectory(dir=args.data) as name:
        folder = Path(name)
        big = args.big or folder / "big.onnx"
        if not args.big:
            inputs.big(big)
        files = {"1.9 GB of float32": big}
        for word, (data_type, size) in TYPES.items() if not args.only_big else ():
            files[f"512 MB of {word}"] = folder / f"{word}.onnx"
            one_type(folder / f"{word}.onnx", data_type, size)
        runs = {what: ([], []) for what in files}
        for what, file in files.items():
            for turn in range(args.rounds + 1):
                read = run(["cat", file])
                values = run([args.hoarfrost, "inspect", "--values", "--json", file])
                if turn > 0:
                    runs[what][0].append(read)
                    runs[what][1].append(values)
    print("| what | plain read ms, least | median | `--values` ms, least | median | peak MB |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for what, pair in runs.items():
        times = [sorted(1000 * t for t, _ in results) for results in pair]
        cells = [f"{t[0]:,.0f} | {statistics.median(t):,.0f}" for t in times]
        memory = max(m for _, m in pair[1])
        print(f"| {what} | {' | '.join(cells)} | {memory:,.1f} |")
        print(f"ratio of speeds by the least {times[0][0] / times[1][0]:.2f}", file=sys.stderr)


if __name__ == "__main__":
    main()
