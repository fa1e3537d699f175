#!/usr/bin/env python3
"""kills.py HOARFROST [--rounds 200] [--data FOLDER]: SIGKILL in the middle of `freeze --in-place`.

Freezes and thaws a model of 200 MB in place, each time killed at a moment drawn at random over the
time that an undisturbed run takes, and looks at what is there: the old file or the new one, whole.
Says how many were killed and what was found; exit status 1 if a file was torn.
"""

import argparse
import hashlib
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import inputs


def digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("hoarfrost", type=Path)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--data", type=Path, default=Path(tempfile.gettempdir()))
    args = parser.parse_args()
    generator = random.Random(0)

    with tempfile.TemporaryDirectory(dir=args.data) as name:
        folder = Path(name)
        plain, frozen, model = (folder / f"{n}.onnx" for n in ("plain", "frozen", "model"))
        inputs.big(plain, layers=21)
        subprocess.run([args.hoarfrost, "freeze", "--all", plain, "-o", frozen], check=True)
        digests = {digest(plain): "old", digest(frozen): "new"}

        shutil.copy(plain, model)
        begin = time.perf_counter()
        freeze = [args.hoarfrost, "freeze", "--all", "--in-place", model]
        subprocess.run(freeze, check=True, stdout=subprocess.DEVNULL)
        whole = time.perf_counter() - begin

        found = {"old": 0, "new": 0, "torn": 0}
        killed = leftovers = 0
        for _ in range(args.rounds):
            shutil.copy(plain, model)
            child = subprocess.Popen(freeze, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(generator.uniform(0, whole * 1.1))
            child.kill()
            killed += child.wait() != 0
            found[digests.get(digest(model), "torn")] += 1
            for path in folder.iterdir():
                if path not in (plain, frozen, model):
                    leftovers += 1
                    path.unlink()
        print(
            f"{args.rounds} runs of {whole * 1000:.0f} ms, {killed} killed before their end: "
            f"{found['old']} old, {found['new']} new, {found['torn']} torn; "
            f"{leftovers} temporary files left"
        )
        return 1 if found["torn"] else 0


if __name__ == "__main__":
    sys.exit(main())
