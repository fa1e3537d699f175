"""What each consumer refuses, in its own words, and what cannot be trained in a model."""

# By consumer: the model, the freezes or None for all of them, and a pattern of the refusal.
REFUSALS = {
    "onnxruntime-training": [
        ("paddle_cnn", ("all_but_norm", "first_layers"), "gradient builder .* PRelu"),
    ],
    "onnx2torch": [
        (
            "efficientnet_ts_train",
            ("all_but_norm", "first_layers"),
            "BatchNorm operation with mean/var output is not implemented",
        ),
        ("conv_bn_dynamo", None, "Converter is not implemented .*'Shape', version=19"),
        ("bert_dynamo", None, "Converter is not implemented .*'Cast', version=19"),
    ],
    "onnx2pytorch": [
        (
            "efficientnet_ts_train",
            ("all_but_norm", "first_layers"),
            "Extraction of attribute training_mode not implemented",
        ),
        ("conv_bn_dynamo", None, "Conv2d.forward.. takes 2 positional arguments but 3 were given"),
    ],
    "jaxonnxruntime": [
        ("transformer", None, "LayerNormalization is not implemented"),
        ("bert_dynamo", None, "GatherND is not implemented"),
        (
            "efficientnet_ts_train",
            ("all_but_norm", "first_layers"),
            "BatchNormalization with training_mode was not implemented yet",
        ),
        ("paddle_cnn", None, "Relu version 13 is not implemented"),
    ],
    "onnx-ad": [
        (
            "efficientnet_ts_train",
            ("all_but_norm", "first_layers"),
            "BatchNormalization with training_mode is not differentiated",
        ),
        ("conv_bn_ts", ("first_layers",), "a grouped Conv is not differentiated"),
        ("conv_bn_dynamo", ("first_layers",), "a grouped Conv is not differentiated"),
        ("paddle_cnn", ("first_layers",), "a grouped Conv is not differentiated"),
    ],
}

# Weights that no gradient reaches. By batches of one image, a BatchNormalization takes away the
# scale that another one before it gives, so the gradient of that scale is 0 but for rounding:
# 1e-12 and less here.
STUCK = {
    ("efficientnet_ts_train", "all_but_norm"): {
        "blocks.2.0.bn2.weight",
        "blocks.3.0.bn3.weight",
        "blocks.3.0.bn3.bias",
    },
}


# The same of a form of the file: by consumer and form, the models or None for all of them.
OF_FORMS = {
    ("onnx2torch", "constants"): [(("conv_net",), "KeyError: 'backbone.conv1.weight'")],
    ("onnx2pytorch", "constants"): [
        (("conv_net",), "KeyError: 'kernel_size'"),
        (("mlp", "mlp_dropout"), "Unexpected number of parameters: 0"),
    ],
}


def expected(consumer, model, freeze, form=""):
    """The pattern of the refusal that is known, or None."""
    for models, pattern in OF_FORMS.get((consumer, form), ()):
        if models is None or model in models:
            return pattern
    for name, freezes, pattern in REFUSALS[consumer]:
        if name == model and (freezes is None or freeze in freezes):
            return pattern
    return None
