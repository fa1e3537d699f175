"""A folder of convolutional models of 20 KB to 5 MB, the same bytes every time."""

import random

import inputs

SMALLEST, LARGEST = 20e3, 5e6
DEPTHS = (2, 3, 5, 8, 12, 17)
NORMS = ("weight", "bias", "running_mean", "running_var")


def ints(name, values):
    """An AttributeProto of ints."""
    body = b"".join(inputs.number(8, value) for value in values)
    return inputs.data(5, inputs.data(1, name) + body + inputs.number(20, 7))


def node(op_type, reads, writes, name, attributes=b""):
    parts = [inputs.data(1, read) for read in reads] + [inputs.data(2, writes)]
    rest = inputs.data(3, name) + inputs.data(4, op_type) + attributes
    return inputs.data(1, b"".join(parts) + rest)


def convnet(path, depth, channels, classes=10):
    """`depth` blocks of Conv, BatchNormalization and Relu, then a classifier."""
    nodes, tensors, x, before = [], [], "x", 3
    for i in range(depth):
        block = f"features.{i}"
        norms = [f"{block}.bn.{key}" for key in NORMS]
        tensors.append((f"{block}.conv.weight", (channels, before, 3, 3)))
        tensors += [(name, (channels,)) for name in norms]
        shape = ints("kernel_shape", (3, 3)) + ints("pads", (1, 1, 1, 1))
        at = f"/features.{i}"
        nodes.append(node("Conv", [x, f"{block}.conv.weight"], f"c{i}", f"{at}/conv/Conv", shape))
        nodes.append(
            node("BatchNormalization", [f"c{i}", *norms], f"b{i}", f"{at}/bn/BatchNormalization")
        )
        nodes.append(node("Relu", [f"b{i}"], f"r{i}", f"{at}/Relu"))
        x, before = f"r{i}", channels
    nodes.append(node("GlobalAveragePool", [x], "pooled", "/pool/GlobalAveragePool"))
    nodes.append(node("Flatten", ["pooled"], "flat", "/Flatten"))
    tensors += [("classifier.weight", (classes, channels)), ("classifier.bias", (classes,))]
    head = ["flat", "classifier.weight", "classifier.bias"]
    transposed = inputs.data(
        5, inputs.data(1, "transB") + inputs.number(3, 1) + inputs.number(20, 2)
    )
    nodes.append(node("Gemm", head, "y", "/classifier/Gemm", transposed))
    ends = inputs.value(11, "x", (1, 3, 32, 32)) + inputs.value(12, "y", (1, classes))
    inputs.write_model(path, b"".join(nodes), tensors, ends)


def make(folder, count=1000):
    """Makes the models that are not there yet; gives their bytes in all."""
    folder.mkdir(parents=True, exist_ok=True)
    numbers = random.Random(0)
    for i in range(count):
        values = SMALLEST * (LARGEST / SMALLEST) ** numbers.random() / 4
        depth = numbers.choice(DEPTHS)
        channels = max(8, int((values / (9 * max(1, depth - 1))) ** 0.5))
        path = folder / f"{i // 100}" / f"m{i:04d}.onnx"
        if not path.exists():
            path.parent.mkdir(exist_ok=True)
            part = path.with_suffix(".part")
            convnet(part, depth, channels)
            part.rename(path)
    return sum(path.stat().st_size for path in folder.rglob("*.onnx"))
