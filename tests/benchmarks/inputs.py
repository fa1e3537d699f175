"""The models that are measured, written by wire format: any size, the same bytes every time."""

import random
from pathlib import Path


def varint(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def number(field, value):
    return varint(field << 3) + varint(value)


def data(field, payload):
    if isinstance(payload, str):
        payload = payload.encode()
    return varint(field << 3 | 2) + varint(len(payload)) + payload


def node(op_type, inputs, outputs, name):
    parts = [data(1, i) for i in inputs] + [data(2, o) for o in outputs]
    return data(1, b"".join(parts) + data(3, name) + data(4, op_type))


def tensor_head(name, dims):
    return data(1, b"".join(map(varint, dims))) + number(2, 1) + data(8, name)


def value(field, name, dims):
    shape = b"".join(data(1, number(1, dim)) for dim in dims)
    return data(field, data(1, name) + data(2, data(1, number(1, 1) + data(2, shape))))


def write_model(path, nodes, tensors, inputs_outputs, trained=lambda i: False):
    """Tensors are (name, dims) of float32; their values are never held whole.

    `trained` says of the i-th tensor whether the lowest bit of each of its values is flipped.
    """
    values = random.Random(0).randbytes(1 << 20)
    lowest = int.from_bytes(b"\1\0\0\0" * (len(values) // 4), "little")
    moved = (int.from_bytes(values, "little") ^ lowest).to_bytes(len(values), "little")
    heads, graph_size = [], 0
    fixed = nodes + data(2, "graph") + inputs_outputs
    for name, dims in tensors:
        size = 4
        for dim in dims:
            size *= dim
        head = tensor_head(name, dims) + varint(9 << 3 | 2) + varint(size)
        head = varint(5 << 3 | 2) + varint(len(head) + size) + head
        heads.append((head, size))
        graph_size += len(head) + size
    opset = data(8, number(2, 18))
    with open(path, "wb") as out:
        out.write(number(1, 10) + data(2, "hoarfrost benchmark") + opset)
        out.write(varint(7 << 3 | 2) + varint(len(fixed) + graph_size) + fixed)
        for i, (head, size) in enumerate(heads):
            out.write(head)
            block = moved if trained(i) else values
            while size > 0:
                size -= out.write(block[:size])


def big(path, layers=200, width=1540, trained=lambda i: False):
    """1.9 GB in one file: 200 dense layers, 400 tensors."""
    nodes, tensors, x = [], [], "x"
    for i in range(layers):
        weight, bias = f"layers.{i}.weight", f"layers.{i}.bias"
        tensors += [(weight, (width, width)), (bias, (width,))]
        nodes.append(node("MatMul", [x, weight], [f"m{i}"], f"/layers.{i}/MatMul"))
        nodes.append(node("Add", [f"m{i}", bias], [f"a{i}"], f"/layers.{i}/Add"))
        x = f"a{i}"
    ends = value(11, "x", (1, width)) + value(12, x, (1, width))
    write_model(path, b"".join(nodes), tensors, ends, trained)


def nodes(path, count=200_000, width=64):
    """200,000 nodes in blocks of four, and 50 tensors."""
    tensors = [(f"scale.{i}", (width,)) for i in range(50)]
    out, x = [], "x"
    for i in range(count):
        op_type = ("Mul", "Relu", "Add", "Sigmoid")[i % 4]
        y, block = f"/block.{i // 4}/out_{i}", f"/block.{i // 4}"
        second = [f"scale.{i % 50}"] if i % 2 == 0 else []
        out.append(node(op_type, [x, *second], [y], f"{block}/{op_type}"))
        x = y
    ends = value(11, "x", (1, width)) + value(12, x, (1, width))
    write_model(path, b"".join(out), tensors, ends)


def tiny(path):
    """A dense layer of 1,010 parameters."""
    body = node("Gemm", ["x", "dense.weight", "dense.bias"], ["y"], "/dense/Gemm")
    ends = value(11, "x", (1, 100)) + value(12, "y", (1, 10))
    write_model(path, body, [("dense.weight", (100, 10)), ("dense.bias", (10,))], ends)


def make(folder):
    """Makes what is not there yet; gives {name: path}."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    paths = {}
    for writer in (tiny, nodes, big):
        path = folder / f"{writer.__name__}.onnx"
        if not path.exists():
            part = path.with_suffix(".part")
            writer(part)
            part.rename(path)
        paths[writer.__name__] = path
    return paths
