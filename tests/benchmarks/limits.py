#!/usr/bin/env python3
"""limits.py [--data FOLDER] [--only NAME]: what extreme inputs cost, as whole processes.

Makes models that are extreme in one thing each, runs `hoarfrost inspect --json` and `freeze --all`
on them and on every file of testdata/hostile, and prints exit status, wall time, peak memory, and
memory beyond that of a tiny model as a multiple of the file's size (left out where that says
nothing: most of the file is weights, or it is smaller than 1 MB). Asserts nothing.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import inputs
from inputs import data, node, number, value
from run import BUILD, ROOT, measure_any

MILLION = 1_000_000


def sparse_5_gb(path):
    """One tensor of 5 GB, a hole in the file."""
    width = 36_635
    size = width * width * 4
    head = inputs.tensor_head("w", (width, width)) + inputs.varint(9 << 3 | 2) + inputs.varint(size)
    tensor = inputs.varint(5 << 3 | 2) + inputs.varint(len(head) + size) + head
    body = node("MatMul", ["x", "w"], ["y"], "dense") + data(2, "g")
    body += value(11, "x", (1, width)) + value(12, "y", (1, width))
    front = number(1, 10) + data(8, number(2, 18))
    front += inputs.varint(7 << 3 | 2) + inputs.varint(len(body) + len(tensor) + size)
    with open(path, "wb") as out:
        out.write(front + body + tensor)
        out.truncate(len(front) + len(body) + len(tensor) + size)


def million_initializers(path):
    tensors = [(f"t{i}", (1, 1)) for i in range(MILLION)]
    body = node("Gemm", ["x", "t0", "t1"], ["y"], "dense")
    inputs.write_model(path, body, tensors, value(11, "x", (1, 1)) + value(12, "y", (1, 1)))


def million_nodes(path):
    body = node("MatMul", ["x", "w"], ["v0"], "dense")
    body += b"".join(node("Relu", [f"v{i}"], [f"v{i + 1}"], f"r{i}") for i in range(MILLION))
    ends = value(11, "x", (1, 10)) + value(12, f"v{MILLION}", (1, 10))
    inputs.write_model(path, body, [("w", (10, 10))], ends)


def long_names(path):
    """A tensor, a node and a value of 10 MB names each."""
    long = "n" * (10 << 20)
    body = node("Gemm", ["x", long, "b"], [long + "y"], long)
    tensors = [(long, (100, 10)), ("b", (10,))]
    ends = value(11, "x", (1, 100)) + value(12, long + "y", (1, 10))
    inputs.write_model(path, body, tensors, ends)


def identities(path, count=100_000):
    """A weight behind 100,000 Identity nodes."""
    body = b"".join(
        node("Identity", ["w" if i == 0 else f"i{i - 1}"], [f"i{i}"], f"id{i}")
        for i in range(count)
    )
    body += node("Gemm", ["x", f"i{count - 1}", "b"], ["y"], "dense")
    ends = value(11, "x", (1, 100)) + value(12, "y", (1, 10))
    inputs.write_model(path, body, [("w", (100, 10)), ("b", (10,))], ends)


def nested_graphs(path, depth=10_000):
    """If in If in If: deeper than protobuf itself goes."""
    graph = data(2, "g")
    for _ in range(depth):
        attribute = data(1, "then_branch") + number(20, 5) + data(6, graph)
        graph = data(2, "g") + data(1, data(4, "If") + data(5, attribute))
    path.write_bytes(number(1, 10) + data(8, number(2, 18)) + data(7, graph))


def function_tower(path, height=60):
    """Functions that call the one below twice: 2^60 calls if they were written out."""
    functions = []
    for i in range(height):
        below = f"f{i - 1}"
        body = data(1, f"f{i}") + data(4, "x") + data(5, "y") + data(10, "local")
        body += data(9, number(2, 18)) + data(9, data(1, "local") + number(2, 1))
        for source, target in (("x", "a"), ("a", "y")):
            operator = "Relu" if i == 0 else below
            call = data(1, source) + data(2, target) + data(4, operator)
            body += data(7, call + (b"" if i == 0 else data(7, "local")))
        functions.append(data(25, body))
    graph = data(1, data(1, "x") + data(2, "v") + data(4, f"f{height - 1}") + data(7, "local"))
    graph += node("MatMul", ["v", "w"], ["y"], "dense") + data(2, "g")
    graph += (
        data(5, inputs.tensor_head("w", (1, 1)) + data(9, b"1234"))
        + value(11, "x", (1, 1))
        + value(12, "y", (1, 1))
    )
    opsets = data(8, number(2, 18)) + data(8, data(1, "local") + number(2, 1))
    path.write_bytes(number(1, 10) + opsets + data(7, graph) + b"".join(functions))


MODELS = [
    sparse_5_gb,
    million_initializers,
    million_nodes,
    long_names,
    identities,
    nested_graphs,
    function_tower,
]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path(tempfile.gettempdir()))
    parser.add_argument("--only")
    args = parser.parse_args()
    subprocess.run([ROOT / "tools/build", "release", "benchmarks", "hoarfrost"], check=True)
    command = BUILD / "hoarfrost"

    with tempfile.TemporaryDirectory(dir=args.data) as name:
        folder = Path(name)
        tiny = folder / "tiny.onnx"
        inputs.tiny(tiny)
        floor = measure_any([command, "inspect", "--json", tiny]).peak

        print("| model | MB | command | exit | s | peak MB | times its size |")
        print("| --- | ---: | --- | ---: | ---: | ---: | ---: |")
        for make in MODELS:
            if args.only not in (None, make.__name__):
                continue
            path = folder / "model.onnx"
            make(path)
            size = path.stat().st_size / 1e6
            out = folder / "frozen.onnx"
            for words in (["inspect", "--json", path], ["freeze", "--all", path, "-o", out]):
                run = measure_any([command, *words])
                untold = make is sparse_5_gb or size < 1
                factor = "" if untold else f"{(run.peak - floor) / size:.1f}"
                print(
                    f"| {make.__name__.replace('_', ' ')} | {size:,.1f} | {words[0]} | {run.status}"
                    f" | {run.seconds:,.2f} | {run.peak:,.1f} | {factor} |",
                    flush=True,
                )
            path.unlink()
            out.unlink(missing_ok=True)

    slowest = largest = 0
    hostile = sorted(p for p in (ROOT / "testdata/hostile").rglob("*.onnx") if p.is_file())
    for path in hostile:
        run = measure_any([command, "inspect", "--json", path])
        if run.status not in (0, 2):
            sys.exit(f"exit {run.status}: {path}")
        slowest, largest = max(slowest, run.seconds), max(largest, run.peak)
    print(
        f"\n{len(hostile)} files of testdata/hostile: at most {slowest * 1000:.1f} ms and"
        f" {largest:.1f} MB; a tiny model takes {floor:.1f} MB"
    )


if __name__ == "__main__":
    main()
