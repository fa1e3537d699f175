"""Modules that onnx2torch and onnx2pytorch make."""

import sys
import types
import warnings

import onnx
from common import STEPS, Refused, Run, short

CONSUMERS = {"onnx2torch": "onnx2torch", "onnx2pytorch": "onnx2pytorch"}


class _Absent(types.ModuleType):
    """torchvision, which both import for operators that these models lack: its wheels of the
    package index go with another build of torch than the one for processors alone."""

    __path__ = ()

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return None


for _name in ("torchvision", "torchvision.ops", "torchvision.io"):
    sys.modules.setdefault(_name, _Absent(_name))

import hoarfrost.torch  # noqa: E402
import torch  # noqa: E402


def _convert(consumer, proto):
    copy = onnx.ModelProto()
    copy.CopyFrom(proto)
    if consumer == "onnx2torch":
        import onnx2torch

        return onnx2torch.convert(copy, attach_onnx_mapping=True)
    import onnx2pytorch

    return onnx2pytorch.ConvertModel(copy)


def train(consumer, job):
    torch.manual_seed(0)
    feeds = [torch.from_numpy(feed) for feed in job.feeds]
    target = torch.from_numpy(job.target)

    def forward():
        y = module(*feeds)
        return y[0] if isinstance(y, (list, tuple)) else y

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            module = _convert(consumer, job.proto)
            applied = hoarfrost.torch.apply(module, job.path, job.plan)
            optimizer = torch.optim.AdamW(hoarfrost.torch.parameter_groups(applied), lr=0.01)
            module.train()
            losses, first = [], None
            for _ in range(STEPS):
                optimizer.zero_grad()
                y = forward()
                first = y.detach().numpy().copy() if first is None else first
                loss = ((y - target) ** 2).mean()
                loss.backward()
                optimizer.step()
                losses.append(float(loss.detach()))
            module.eval()
            with torch.no_grad():
                output = forward().numpy()
        except Exception as error:
            raise Refused(short(error)) from error
    return Run(losses, first, applied.tensors(), output)
