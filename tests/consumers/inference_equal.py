"""Shows that freezing changes no inference result and that other tools keep the plan.

usage: inference_equal.py HOARFROST [--generate FOLDER] [FOLDER...]
needs: onnx onnxruntime onnx_ir numpy

For every *.onnx below the folders: freezes all of it, the first two layers of it, all of it in each
form that freeze can write, and thaws it again. ONNX Runtime must give bit-identical outputs for the
original and each frozen file, but for one in which a frozen BatchNormalization or Dropout left
training mode, which freeze says; with BatchNormalizations written out as arithmetic they may be 2
units in the last place apart, of float16 where the model is in float16: ONNX Runtime computes such
models as float on a CPU, and where it rounds between operators depends on how they are spelt.
onnx.checker must accept each frozen file whose original it accepts,
and onnx, onnx_ir and ONNX Runtime must keep the plan through load and save. Prints one line per
failure and the figures at the end.
"""

import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import numpy as np
import onnx
import onnx_ir
import onnxruntime as ort

PLAN = "hoarfrost.plan"
FORMS = {
    "all": ["--all"],
    "first": ["--first", "2"],
    "arithmetic": ["--all", "--batchnorm", "arithmetic"],
    "dropout": ["--all", "--dropout", "identity"],
    "constants": ["--all", "--constants"],
    "expose": ["--first", "1", "--expose-trainable"],
}
MOST_ULPS = {"arithmetic": 2}
SIZE_LIMIT = 64 << 20
NUMPY_TYPES = {
    "tensor(float)": np.float32,
    "tensor(double)": np.float64,
    "tensor(float16)": np.float16,
    "tensor(int64)": np.int64,
    "tensor(int32)": np.int32,
    "tensor(int8)": np.int8,
    "tensor(uint8)": np.uint8,
    "tensor(bool)": np.bool_,
}


def freeze(hoarfrost, source, target, *selectors):
    command = [
        hoarfrost,
        "freeze",
        str(source),
        "-o",
        str(target),
        "--json",
        "--shared",
        "freeze",
        *selectors,
    ]
    return subprocess.run(command, capture_output=True, text=True)


def session(path, optimized_to=None):
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    # Weights that callers can feed are not packed, constant ones are, and the packed kernels round
    # otherwise. What is compared is the model, so nothing is packed.
    options.add_session_config_entry("session.disable_prepacking", "1")
    if optimized_to:
        options.optimized_model_filepath = str(optimized_to)
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def feeds_of(run):
    """Random inputs; None where an input is of a kind that this script does not make."""
    generator = np.random.default_rng(7)
    feeds = {}
    for value in run.get_inputs():
        dtype = NUMPY_TYPES.get(value.type)
        if dtype is None:
            return None
        shape = [d if isinstance(d, int) and d > 0 else 2 for d in value.shape]
        if np.issubdtype(dtype, np.floating):
            feeds[value.name] = generator.standard_normal(shape).astype(dtype)
        else:
            feeds[value.name] = generator.integers(0, 2, shape).astype(dtype)
    return feeds


def outputs_of(run, feeds):
    return run.run(None, feeds)


def bits_of(outputs):
    return [o.tobytes() if isinstance(o, np.ndarray) else repr(o) for o in outputs]


def ulps(a, b):
    """The most units in the last place between two lists of outputs; inf where they do not fit."""
    most = 0
    for x, y in zip(a, b, strict=True):
        if not isinstance(x, np.ndarray) or not np.issubdtype(x.dtype, np.floating):
            if repr(x) != repr(y):
                return np.inf
            continue
        if x.shape != y.shape or x.dtype != y.dtype:
            return np.inf
        signed = {2: np.int16, 4: np.int32, 8: np.int64}[x.dtype.itemsize]
        # Bit patterns in the order of the numbers they stand for; of NaN, any is as good.
        low = np.iinfo(signed).min
        i, j = (v.reshape(-1).view(signed).astype(object) for v in (x, y))
        for p, q, u, v in zip(i, j, x.reshape(-1), y.reshape(-1), strict=True):
            if p == q or (np.isnan(u) and np.isnan(v)):
                continue
            p, q = (low - n if n < 0 else n for n in (p, q))
            most = max(most, abs(int(p) - int(q)))
    return most


def holds_float16(path):
    model = onnx.load(path, load_external_data=False)
    return any(t.data_type == onnx.TensorProto.FLOAT16 for t in model.graph.initializer)


def as_float16(outputs):
    """Outputs to the precision of a model in float16, whatever type they are cast to at its end."""
    return [
        o.astype(np.float16) if isinstance(o, np.ndarray) and o.dtype == np.float32 else o
        for o in outputs
    ]


def accepted(path):
    try:
        onnx.checker.check_model(str(path))
        return True
    except Exception:
        return False


def keepers(path, folder):
    """The files that each tool makes of a frozen one by loading and saving."""
    made = {}
    saved = folder / "by_onnx.onnx"
    onnx.save(onnx.load(str(path), load_external_data=False), str(saved))
    made["onnx"] = saved
    saved = folder / "by_onnx_ir.onnx"
    try:
        onnx_ir.save(onnx_ir.load(str(path)), str(saved))
        made["onnx_ir"] = saved
    except Exception:
        pass  # models that onnx_ir cannot read, frozen or not
    saved = folder / "by_ort.onnx"
    try:
        session(path, optimized_to=saved)
        made["onnxruntime"] = saved
    except Exception:
        pass
    return made


def plan_in(path):
    properties = onnx.load(str(path), load_external_data=False).metadata_props
    return next((p.value for p in properties if p.key == PLAN), None)


def check(hoarfrost, path):
    counts = collections.Counter(files=1)
    failures = []
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".inference-") as name:
        folder = pathlib.Path(name)
        targets = []
        forms = {}
        changed = set()  # a frozen BatchNormalization left training mode, on purpose
        # Beside the original, so that external data is found.
        for label, selectors in FORMS.items():
            target = path.parent / f".{path.stem}.{folder.name}.{label}.onnx"
            result = freeze(hoarfrost, path, target, *selectors)
            if result.returncode == 0:
                targets.append(target)
                forms[target] = label
                if label == "arithmetic" and "written out as arithmetic" in result.stdout:
                    counts["with arithmetic"] += 1
                if "made Identity" in result.stdout:
                    counts["with Identity"] += 1
                if "which changes the model's results" in result.stdout:
                    changed.add(target)
        try:
            if not targets:
                counts["no weights"] += 1
                return counts, failures
            counts["frozen"] += 1
            if accepted(path):
                counts["checker takes the original"] += 1
                for target in targets:
                    if not accepted(target):
                        failures.append(
                            f"{path}: {forms[target]}: onnx.checker refuses the frozen file"
                        )
            try:
                run = session(path)
                feeds = feeds_of(run)
                expected = None if feeds is None else outputs_of(run, feeds)
                again = None if feeds is None else outputs_of(run, feeds)
            except Exception:
                expected = None
            if expected is not None and bits_of(expected) != bits_of(again):
                counts["outputs are random"] += 1  # Dropout in training mode, RandomNormal
            elif expected is not None:
                counts["inference compared"] += 1
                counts["left training mode"] += len(changed)
                for target in (t for t in targets if t not in changed):
                    frozen = session(target)
                    kept = {v.name for v in frozen.get_inputs()}
                    got = outputs_of(frozen, {k: v for k, v in feeds.items() if k in kept})
                    if bits_of(got) == bits_of(expected):
                        continue
                    label = forms[target]
                    if holds_float16(path):
                        apart = ulps(as_float16(got), as_float16(expected))
                    else:
                        apart = ulps(got, expected)
                    counts[f"{label}: bits differ"] += 1
                    counts[f"{label}: {apart} ulps"] += 1
                    if apart > MOST_ULPS.get(label, 0):
                        failures.append(f"{path}: {label}: outputs {apart} ulps apart")
            plan = plan_in(targets[0])
            for tool, saved in keepers(targets[0], folder).items():
                counts[f"saved by {tool}"] += 1
                if plan_in(saved) != plan:
                    failures.append(f"{path}: {tool} does not keep the plan")
            thawed = folder / "thawed.onnx"
            for target in targets:
                subprocess.run(
                    [hoarfrost, "thaw", str(target), "-o", str(thawed), "--external", "keep"],
                    check=True,
                    capture_output=True,
                )
                if thawed.read_bytes() != path.read_bytes():
                    failures.append(f"{path}: thawing gives other bytes")
        except Exception as error:
            failures.append(f"{path}: {type(error).__name__}: {str(error)[:200]}")
        finally:
            for target in targets:
                target.unlink(missing_ok=True)
    return counts, failures


def generate(folder):
    """BatchNormalization of each type, rank and version, in a branch, a Dropout, external data."""
    helper, array = onnx.helper, onnx.numpy_helper.from_array
    generator = np.random.default_rng(1)

    def save(name, nodes, inputs, outputs, tensors, opset, **saving):
        def declared(values):
            return [
                helper.make_tensor_value_info(n, helper.np_dtype_to_tensor_dtype(np.dtype(t)), s)
                for n, t, s in values
            ]

        initializers = [array(value, key) for key, value in tensors.items()]
        graph = helper.make_graph(nodes, "g", declared(inputs), declared(outputs), initializers)
        imports = [helper.make_opsetid("", opset)]
        model = helper.make_model(graph, opset_imports=imports, ir_version=8)
        onnx.save(model, str(folder / f"{name}.onnx"), **saving)

    def norm_tensors(dtype, channels):
        values = {
            "s": generator.normal(size=channels),
            "o": generator.normal(size=channels),
            "m": generator.normal(size=channels) * 5,
            "v": generator.random(channels) * 3,
        }
        return {key: value.astype(dtype) for key, value in values.items()}

    for opset in (7, 8, 9, 11, 13, 14, 15, 17, 20, 22):
        for dtype, of_tensors in (("f2", "f2"), ("f4", "f4"), ("f8", "f8"), ("f2", "f4")):
            if dtype != of_tensors and opset < 15:
                continue
            for shape in ([3, 4], [2, 4, 5], [2, 4, 5, 6], [2, 4, 2, 3, 2]):
                ends = ["h", "s", "o", "m", "v"], ["k"]
                nodes = [
                    helper.make_node("Relu", ["x"], ["h"]),
                    helper.make_node("BatchNormalization", *ends, name="bn", epsilon=1e-3),
                    helper.make_node("Relu", ["k"], ["y"]),
                ]
                save(
                    f"norm_{dtype}_{of_tensors}_{len(shape)}_{opset}",
                    nodes,
                    [("x", dtype, shape)],
                    [("y", dtype, shape)],
                    norm_tensors(of_tensors, 4),
                    opset,
                )
    branches = {}
    for branch in ("then_branch", "else_branch"):
        name = f"y_{branch}"
        node = helper.make_node("BatchNormalization", ["x", "s", "o", "m", "v"], [name], name=name)
        out = helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [2, 4])
        own = norm_tensors("f4", 4) if branch == "then_branch" else {}
        own = [array(value, key) for key, value in own.items()]
        branches[branch] = helper.make_graph([node], branch, [], [out], own)
    save(
        "branches",
        [helper.make_node("If", ["c"], ["y"], **branches)],
        [("x", "f4", [2, 4]), ("c", "?", [])],
        [("y", "f4", [2, 4])],
        norm_tensors("f4", 4),
        17,
    )
    weights = {name: generator.normal(size=(64, 64)).astype("f4") for name in "ab"}
    chain = [
        helper.make_node("Dropout", ["x", "ratio"], ["d"]),
        helper.make_node("MatMul", ["d", "a"], ["e"]),
        helper.make_node("Dropout", ["e", "ratio", "on"], ["f"]),
        helper.make_node("MatMul", ["f", "b"], ["y"]),
    ]
    settings = {"ratio": np.array(0.5, "f4"), "on": np.array(False)}
    ends = [("x", "f4", [2, 64])], [("y", "f4", [2, 64])]
    save("dropout", chain, *ends, {**weights, **settings}, 17)
    outside = {"save_as_external_data": True, "location": "outside.data", "size_threshold": 1024}
    save("outside", chain, *ends, {**weights, **settings}, 17, **outside)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("hoarfrost")
    parser.add_argument("folders", nargs="*", type=pathlib.Path)
    parser.add_argument("--generate", type=pathlib.Path, metavar="FOLDER", help="models made here")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    args = parser.parse_args()
    hoarfrost = shutil.which(args.hoarfrost) or args.hoarfrost
    if args.generate:
        args.generate.mkdir(parents=True, exist_ok=True)
        generate(args.generate)
        args.folders.append(args.generate)
    files = sorted(
        path
        for folder in args.folders
        for path in folder.rglob("*.onnx")
        if path.is_file() and path.stat().st_size <= SIZE_LIMIT and not path.name.startswith(".")
    )
    totals = collections.Counter()
    failed = 0
    with concurrent.futures.ProcessPoolExecutor(args.jobs) as pool:
        jobs = [pool.submit(check, hoarfrost, path) for path in files]
        for job, path in zip(jobs, files, strict=True):
            try:
                counts, failures = job.result()
            except concurrent.futures.process.BrokenProcessPool:
                sys.exit(f"{path}: a worker died (a crash in one of the tools)")
            totals += counts
            failed += len(failures)
            for failure in failures:
                print(failure, flush=True)
    print(json.dumps({**totals, "failures": failed}))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
