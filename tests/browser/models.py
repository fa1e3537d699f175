"""Models for the pages: real ones of testdata/, and some written by wire format."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests/benchmarks"))

import inputs  # noqa: E402

DENSE_BN = ROOT / "testdata/handmade/hand_dense_bn.onnx"
CONV_BN = ROOT / "testdata/pytorch/nn_conv_bn2d__ts_train.onnx"
FOLDED = ROOT / "testdata/pytorch/nn_conv_bn2d__ts.onnx"


def gemm_chain(path, names):
    """A Gemm of 4 x 4 for each name: NAME.weight and NAME.bias."""
    nodes, tensors, value = [], [], "x"
    for i, name in enumerate(names):
        name = name if isinstance(name, bytes) else name.encode()
        weight, bias, result = name + b".weight", name + b".bias", f"h{i}"
        nodes.append(inputs.node("Gemm", [value, weight, bias], [result], name))
        tensors += [(weight, (4, 4)), (bias, (4,))]
        value = result
    ends = inputs.value(11, "x", (1, 4)) + inputs.value(12, value, (1, 4))
    inputs.write_model(path, b"".join(nodes), tensors, ends)
    return path


def changed(path, source, offset, values):
    """`source` with bytes from `offset` on, in the first tensor's values, replaced."""
    data = bytearray(source.read_bytes())
    data[offset : offset + len(values)] = values
    path.write_bytes(data)
    return path


def transformer(path, tensors):
    """As many tensors, named as those of a transformer of thousands of layers."""
    parts = [f"{block}.{part}_proj" for block in ("self_attn", "mlp") for part in "qkvo"]
    names = [f"model.layers.{i // 8}.{parts[i % 8]}" for i in range(tensors // 2)]
    return gemm_chain(path, names)


HOSTILE_NAMES = [
    "</script><script>document.title='owned'</script>",
    "<!--<script>",
    "<img src=x onerror=document.title='owned'>",
    "\u2028line\u2029ends",
    "\u202eright to left",
    "\x1b[31mred",
    "]]>&amp;&#x3c;",
    "{{data}}{{title}}",
    "__proto__",
    "constructor.toString",
    "a" * 100_000,
    "deep." * 2_000,
    "'quoted' \"twice\" \\ and `more`",
    b"no utf-8 \xff\xc3(",
    "",
]
