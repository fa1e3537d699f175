"""onnx_batch.py FOLDER PROCESSES: what people do today to count a folder of models with onnx."""

import math
import multiprocessing
import sys
from pathlib import Path

import onnx


def count(path):
    model = onnx.load(path, load_external_data=False)
    tensors = model.graph.initializer
    return len(tensors), sum(math.prod(t.dims) for t in tensors), len(model.graph.node)


def main():
    paths = sorted(str(path) for path in Path(sys.argv[1]).rglob("*.onnx"))
    processes = int(sys.argv[2])
    if processes == 1:
        counts = [count(path) for path in paths]
    else:
        with multiprocessing.Pool(processes) as pool:
            counts = pool.map(count, paths, chunksize=16)
    tensors, elements, nodes = map(sum, zip(*counts, strict=True))
    print(f"{tensors} tensors, {elements} elements, {nodes} nodes")


if __name__ == "__main__":
    main()
