"""ONNX Runtime training."""

import hoarfrost
import hoarfrost.ort
import numpy as np
import onnx
import onnxruntime
from common import STEPS, Refused, Run, infer, short

CONSUMERS = {"onnxruntime-training": "onnxruntime-training-cpu"}


def train(consumer, job):
    onnxruntime.set_default_logger_severity(3)
    training = hoarfrost.ort.load_training()
    output = job.proto.graph.output[0].name
    try:
        hoarfrost.ort.generate_artifacts(
            job.path,
            job.plan,
            artifact_directory=job.folder,
            loss=training.artifacts.LossType.MSELoss,
            loss_input_names=[output],
            optimizer=training.artifacts.OptimType.AdamW,
            additional_output_names=[output],
        )
        at = {name: str(job.folder / name) for name in ("checkpoint", "trained")}
        graphs = [str(job.folder / f"{n}_model.onnx") for n in ("training", "eval", "optimizer")]
        state = training.api.CheckpointState.load_checkpoint(at["checkpoint"])
        module = training.api.Module(graphs[0], state, graphs[1])
        optimizer = training.api.Optimizer(graphs[2], module)
        optimizer.set_learning_rate(0.01)
        losses, forward = [], None
        for _ in range(STEPS):
            module.train()
            loss, y = module(*job.feeds, job.target)
            forward = np.array(y) if forward is None else forward
            losses.append(float(loss))
            optimizer.step()
            module.lazy_reset_grad()
    except Exception as error:
        raise Refused(short(error)) from error
    training.api.CheckpointState.save_checkpoint(state, at["trained"])
    assert hoarfrost.diff(hoarfrost.ort.tensors(state), at["trained"])
    exported = str(job.folder / "inference.onnx")
    module.export_model_for_inferencing(exported, [output])
    return Run(
        losses=losses,
        first_forward=forward,
        tensors=at["trained"],
        output=infer(onnx.load(exported), job.feeds),
        partial=True,
        rest=exported,
    )
