"""The models that are fine-tuned, and what is frozen in them.

Three are made here, with names as torch gives them; the rest are exports in testdata/. A model's
names of layers are those that hoarfrost finds.
"""

import re
import subprocess
import sysconfig
from pathlib import Path

import hoarfrost
import numpy as np
import onnx
from onnx import helper, numpy_helper

TESTDATA = Path(__file__).resolve().parents[3] / "testdata"

EXPORTS = {
    "efficientnet_ts_train": "pytorch/timm_test_efficientnet__ts_train.onnx",  # opset 17
    "conv_bn_ts": "pytorch/nn_conv_bn2d__ts_nofold.onnx",  # opset 17, training_mode=0 stated
    "conv_bn_dynamo": "pytorch/nn_conv_bn2d__dynamo_noopt.onnx",  # opset 20, biases not stored
    "bert_dynamo": "pytorch/hf_bert_cls__dynamo.onnx",  # opset 20, LayerNormalization
    "paddle_cnn": "other/paddle_cnn.onnx",  # opset 13, weights behind Identity
    "jax_mlp_bn": "other/jax_mlp_bn.onnx",  # opset 23
}


class _Graph:
    """A graph of opset 17 as it grows, weights drawn from one seed."""

    def __init__(self, seed):
        self.random = np.random.RandomState(seed)
        self.nodes, self.weights = [], []

    def weight(self, name, *shape, scale=None):
        fan_in = np.prod(shape[1:]) if len(shape) > 1 else 1
        scale = 1 / np.sqrt(fan_in) if scale is None else scale
        self.add(name, (self.random.randn(*shape) * scale).astype("float32"))
        return name

    def add(self, name, array):
        self.weights.append(numpy_helper.from_array(np.asarray(array), name))
        return name

    def node(self, op, inputs, name, **attributes):
        self.nodes.append(helper.make_node(op, inputs, [name], name=f"/{name}/{op}", **attributes))
        return name

    def conv(self, x, path, channels_in, channels_out):
        weights = [
            self.weight(f"{path}.weight", channels_out, channels_in, 3, 3),
            self.weight(f"{path}.bias", channels_out, scale=0.1),
        ]
        return self.node("Conv", [x, *weights], path + ".out", pads=[1, 1, 1, 1])

    def batch_norm(self, x, path, channels):
        # Not the 1, 0, 0, 1 of a fresh one: exporters and checks must not be able to mix them up.
        drawn = self.random
        self.add(f"{path}.weight", (1 + 0.3 * drawn.randn(channels)).astype("float32"))
        self.add(f"{path}.bias", (0.3 * drawn.randn(channels)).astype("float32"))
        self.add(f"{path}.running_mean", (0.5 * drawn.randn(channels)).astype("float32"))
        self.add(f"{path}.running_var", (0.5 + drawn.rand(channels)).astype("float32"))
        names = [f"{path}.{leaf}" for leaf in ("weight", "bias", "running_mean", "running_var")]
        return self.node("BatchNormalization", [x, *names], path + ".out", training_mode=0)

    def linear(self, x, path, features_in, features_out):
        weights = [
            self.weight(f"{path}.weight", features_out, features_in),
            self.weight(f"{path}.bias", features_out, scale=0.1),
        ]
        return self.node("Gemm", [x, *weights], path + ".out", transB=1)

    def product(self, x, path, features_in, features_out):
        self.add(
            f"{path}.weight",
            (self.random.randn(features_in, features_out) / np.sqrt(features_in)).astype("float32"),
        )
        y = self.node("MatMul", [x, f"{path}.weight"], path + ".product")
        bias = self.weight(f"{path}.bias", features_out, scale=0.1)
        return self.node("Add", [y, bias], path + ".out")

    def layer_norm(self, x, path, features):
        self.add(f"{path}.weight", (1 + 0.3 * self.random.randn(features)).astype("float32"))
        self.add(f"{path}.bias", (0.3 * self.random.randn(features)).astype("float32"))
        names = [x, f"{path}.weight", f"{path}.bias"]
        return self.node("LayerNormalization", names, path + ".out", axis=-1)

    def model(self, name, x, x_shape, y, y_shape, x_type=onnx.TensorProto.FLOAT):
        self.nodes[-1].output[0] = "output"
        del y
        graph = helper.make_graph(
            self.nodes,
            name,
            [helper.make_tensor_value_info(x, x_type, x_shape)],
            [helper.make_tensor_value_info("output", onnx.TensorProto.FLOAT, y_shape)],
            self.weights,
        )
        opset = helper.make_opsetid("", 17)
        model = helper.make_model(graph, opset_imports=[opset], ir_version=8)
        onnx.checker.check_model(model, full_check=True)
        return model


def conv_net():
    g = _Graph(1)
    x = g.conv("input", "backbone.conv1", 3, 8)
    x = g.node("Relu", [g.batch_norm(x, "backbone.bn1", 8)], "backbone.relu1")
    x = g.conv(x, "backbone.conv2", 8, 8)
    x = g.node("Relu", [g.batch_norm(x, "backbone.bn2", 8)], "backbone.relu2")
    x = g.conv(x, "head.conv", 8, 8)
    x = g.node("Relu", [g.batch_norm(x, "head.bn", 8)], "head.relu")
    x = g.node("GlobalAveragePool", [x], "head.pool")
    x = g.node("Flatten", [x], "head.flat")
    y = g.linear(x, "head.fc", 8, 4)
    return g.model("conv_net", "input", [8, 3, 8, 8], y, [8, 4])


def mlp(dropout=False):
    g = _Graph(2)
    x = g.linear("input", "backbone.fc1", 12, 16)
    x = g.node("Relu", [g.batch_norm(x, "backbone.bn1", 16)], "backbone.relu1")
    if dropout:  # in inference mode, as exporters write it; its ratio is the default, 0.5
        x = g.node("Dropout", [x], "backbone.dropout")
    x = g.linear(x, "backbone.fc2", 16, 16)
    x = g.node("Relu", [g.batch_norm(x, "backbone.bn2", 16)], "backbone.relu2")
    y = g.linear(x, "head.fc", 16, 3)
    return g.model("mlp", "input", [8, 12], y, [8, 3])


def transformer(tokens=11, width=16, length=6):
    """A block on an embedding that is the output's matrix too, as language models tie them."""
    g = _Graph(3)
    g.weight("embed.weight", tokens, width, scale=0.5)
    x = g.node("Gather", ["embed.weight", "input"], "embed.out")
    n = g.layer_norm(x, "block.ln1", width)
    q, k, v = (g.product(n, f"block.attn.{part}", width, width) for part in ("q", "k", "v"))
    k = g.node("Transpose", [k], "block.attn.kt", perm=[0, 2, 1])
    scores = g.node("MatMul", [q, k], "block.attn.scores")
    weights = g.node("Softmax", [scores], "block.attn.softmax", axis=-1)
    mixed = g.node("MatMul", [weights, v], "block.attn.mixed")
    x = g.node("Add", [x, g.product(mixed, "block.attn.proj", width, width)], "block.residual1")
    n = g.layer_norm(x, "block.ln2", width)
    h = g.node("Relu", [g.product(n, "block.mlp.fc1", width, 32)], "block.mlp.relu")
    x = g.node("Add", [x, g.product(h, "block.mlp.fc2", 32, width)], "block.residual2")
    x = g.layer_norm(x, "head.ln", width)
    tied = g.node("Transpose", ["embed.weight"], "head.tied", perm=[1, 0])
    y = g.node("MatMul", [x, tied], "head.logits")
    shape = [4, length]
    kind = onnx.TensorProto.INT64
    return g.model("transformer", "input", shape, y, [*shape, tokens], kind)


def mlp_dropout():
    return mlp(dropout=True)


MADE = {"conv_net": conv_net, "mlp": mlp, "mlp_dropout": mlp_dropout, "transformer": transformer}

FREEZES = ("backbone", "all_but_norm", "first_layers")

# What `hoarfrost freeze` can be told to write besides; of the models made here, the backbone.
FORMS = {
    "arithmetic": ["--batchnorm", "arithmetic"],
    "identity": ["--dropout", "identity"],
    "constants": ["--constants"],
    "exposed": ["--expose-trainable"],
}


def make(name):
    """The bytes of a model of that name."""
    if name in MADE:
        return MADE[name]().SerializeToString()
    return (TESTDATA / EXPORTS[name]).read_bytes()


def freeze(model, how):
    """The hoarfrost.Model with that frozen."""
    owners = [layer for layer in model.layers if layer.trainable]
    if how == "backbone":
        paths = {layer.path.split(".")[0] for layer in owners}
        if "block" in paths:  # so that the tied embedding around it is trained
            return model.freeze(layers="block")
        if "backbone" in paths:
            return model.freeze(layers="backbone")
        last = "re:" + re.escape(owners[-1].path)  # of an export: all but the last layer
        return model.freeze(all=True, except_=last, shared="train")
    if how == "all_but_norm":
        return model.freeze(all=True, except_="types:*Norm*")
    return model.freeze(first=2 if len(owners) > 2 else 1, shared="freeze")


def freeze_in_form(source, target, form):
    """As freeze(..., "backbone"), by the command, which alone knows forms."""
    owners = {layer.path.split(".")[0] for layer in hoarfrost.load(source).layers}
    layers = "block" if "block" in owners else "backbone"
    command = Path(sysconfig.get_path("scripts")) / "hoarfrost"
    words = [command, "freeze", source, "--layers", layers, *FORMS[form], "-o", target]
    subprocess.run(words, check=True, capture_output=True)


def forms_known():
    command = Path(sysconfig.get_path("scripts")) / "hoarfrost"
    if not command.exists():
        return False
    said = subprocess.run([command, "freeze", "--help"], capture_output=True, text=True).stdout
    return "--expose-trainable" in said


def selects(model, how):
    """Whether that freeze is one of its own for the model: some frozen, some trained."""
    try:
        frozen = freeze(model, how)
    except hoarfrost.SelectionError:
        return False
    return 0 < frozen.totals.trainable < model.totals.trainable
