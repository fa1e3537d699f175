"""Fine-tunes a frozen model for real, with one consumer, and holds it to the plan.

Each run is 20 steps. Whatever the consumer refuses must be known to refusals.py in its own words,
so that a silent breach, a new refusal and one that is gone all fail.
"""

import importlib
import json
import re

import hoarfrost
import models
import numpy as np
import onnx
import pytest
import refusals
from common import Job, Refused, data_for, infer

MODULES = {
    "onnxruntime-training": "with_ort",
    "onnx2torch": "with_torch",
    "onnx2pytorch": "with_torch",
    "jaxonnxruntime": "with_jax",
    "onnx-ad": "with_onnx_ad",
}


def pytest_generate_tests(metafunc):
    if "how" not in metafunc.fixturenames:
        return
    quick = metafunc.config.getoption("quick")
    names = ["conv_net"] if quick else [*models.MADE, *models.EXPORTS]
    cases = []
    for name in names:
        model = hoarfrost.load(models.make(name))
        hows = ["backbone"] if quick else models.FREEZES
        cases += [(name, how, "") for how in hows if models.selects(model, how)]
    if not quick:
        cases += [(name, "backbone", form) for form in models.FORMS for name in models.MADE]
    ids = ["-".join(filter(None, case)) for case in cases]
    metafunc.parametrize("name,how,form", cases, ids=ids)


def close(a, b, relative=1e-4):
    assert a.shape == b.shape
    worst = float(np.abs(a - b).max())
    assert worst <= relative * max(1e-3, float(np.abs(b).max())), f"{worst} apart"
    return worst


def all_batch_norms_frozen(frozen):
    return not any(t.role == "statistic" for t in frozen.tensors) or not frozen.plan().statistics


def note(options, **row):
    if options.results:
        with open(options.results, "a") as file:
            file.write(json.dumps({"consumer": options.consumer, **row}) + "\n")


def test_the_plan_is_honoured(name, how, form, options, tmp_path):
    consumer = options.consumer
    path = tmp_path / f"{name}.onnx"
    original = tmp_path / f"{name}.original.onnx"
    original.write_bytes(models.make(name))
    model = hoarfrost.load(original)
    if not form:
        models.freeze(model, how).save(path)
    elif models.forms_known():
        models.freeze_in_form(original, path, form)
    else:
        pytest.skip("no command beside this Python that knows forms")
    frozen = hoarfrost.load(path)
    proto = onnx.load(path)
    feeds, target = data_for(proto)
    plan = (frozen.thaw() if options.without_plan else frozen).plan()
    folder = tmp_path / "training"
    folder.mkdir()

    train = importlib.import_module(MODULES[consumer]).train
    expected = refusals.expected(consumer, name, how, form)
    try:
        run = train(consumer, Job(path, plan, folder, feeds, target, proto))
    except Refused as refused:
        if options.without_plan:
            pytest.skip("refused")  # no training, so nothing that could fail
        note(options, model=name, freeze=how, form=form, outcome="refused", text=str(refused))
        assert expected, f"refused: {refused}"
        assert re.search(expected, str(refused)), f"refused otherwise: {refused}"
        return
    assert not expected, f"taken, where it was refused: {expected}"

    # What was frozen did not move, what was to be trained did, by name and by bits.
    # Where it is a Constant of the graph, the trainer has it under no name: then the outputs tell.
    partial = run.partial or form == "constants"
    proof = hoarfrost.verify(frozen, run.tensors, partial=partial)
    assert proof.ok, proof
    stuck = [f.expected.name for f in proof.warnings if f.kind == "unchanged"]
    stuck = [tensor for tensor in stuck if tensor not in refusals.STUCK.get((name, how), ())]
    assert not stuck, f"trainable and unchanged: {stuck}"
    if run.rest is not None:
        rest = hoarfrost.verify(frozen, run.rest)
        assert rest.ok, rest
    assert run.losses[-1] < run.losses[0], run.losses

    # Training saw the same network as inference, where nothing in it depends on the batch.
    drops = any(node.op_type == "Dropout" for node in proto.graph.node)
    same = np.allclose(run.first_forward, infer(proto, feeds), rtol=1e-4, atol=1e-4)
    if all_batch_norms_frozen(frozen) and not drops:
        close(run.first_forward, infer(proto, feeds))

    # The trained tensors come home into the file, and it computes what the trainer does.
    out = tmp_path / "tuned.onnx"
    merged = hoarfrost.merge(frozen, run.tensors, out)
    assert not merged.kept and merged.merged
    assert hoarfrost.verify(frozen, out).ok
    assert hoarfrost.load(out).thaw().totals == model.totals
    apart = close(infer(onnx.load(out), feeds), run.output)
    note(
        options,
        model=name,
        freeze=how,
        form=form,
        outcome="honoured",
        losses=[run.losses[0], run.losses[-1]],
        apart=apart,
        trained_as_inferred=bool(same),
    )
