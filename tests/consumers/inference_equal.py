"""Shows that freezing changes no inference result and that other tools keep the plan.

usage: inference_equal.py HOARFROST FOLDER...      needs: onnx onnxruntime onnx_ir numpy

For every *.onnx below the folders: freezes all of it, the first two layers of it, and thaws it
again. ONNX Runtime must give bit-identical outputs for the original and each frozen file, but
for one in which a frozen BatchNormalization left training mode, which freeze says. onnx.checker
must accept each frozen file whose original it accepts, and onnx, onnx_ir and ONNX Runtime must keep
the plan through load and save. Prints one line per failure and the figures at the end.
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
    return [o.tobytes() if isinstance(o, np.ndarray) else repr(o) for o in run.run(None, feeds)]


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
        changed = set()  # a frozen BatchNormalization left training mode, on purpose
        # Beside the original, so that external data is found.
        for label, selectors in (("all", ["--all"]), ("first", ["--first", "2"])):
            target = path.parent / f".{path.stem}.{folder.name}.{label}.onnx"
            result = freeze(hoarfrost, path, target, *selectors)
            if result.returncode == 0:
                targets.append(target)
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
                        failures.append(f"{path}: onnx.checker refuses the frozen file")
            try:
                run = session(path)
                feeds = feeds_of(run)
                expected = None if feeds is None else outputs_of(run, feeds)
                again = None if feeds is None else outputs_of(run, feeds)
            except Exception:
                expected = None
            if expected is not None and expected != again:
                counts["outputs are random"] += 1  # Dropout in training mode, RandomNormal
            elif expected is not None:
                counts["inference compared"] += 1
                counts["left training mode"] += len(changed)
                for target in (t for t in targets if t not in changed):
                    frozen = session(target)
                    kept = {v.name for v in frozen.get_inputs()}
                    if (
                        outputs_of(frozen, {k: v for k, v in feeds.items() if k in kept})
                        != expected
                    ):
                        failures.append(f"{path}: other outputs")
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


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("hoarfrost")
    parser.add_argument("folders", nargs="+", type=pathlib.Path)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    args = parser.parse_args()
    hoarfrost = shutil.which(args.hoarfrost) or args.hoarfrost
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
