"""Runs `hoarfrost inspect --json` as a user would: the built command, one model, a time limit."""

import json
import os
import subprocess
from pathlib import Path

TESTDATA = Path(__file__).resolve().parents[2] / "testdata"
COMMAND = os.environ.get("HOARFROST_COMMAND", "hoarfrost")
LIMIT_SECONDS = 60


class Answer:
    """What one run said: exit status, the JSON object or None, and its words for people."""

    def __init__(self, path):
        run = subprocess.run(
            [COMMAND, "inspect", "--json", str(path)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=LIMIT_SECONDS,
        )
        self.status = run.returncode
        self.stderr = run.stderr.decode(errors="strict")
        out = run.stdout.decode(errors="strict")
        self.json = json.loads(out) if out else None
        self.notes = self.json["notes"] if self.json else []
        self.words = " ".join([self.stderr] + [note["text"] for note in self.notes])

    def tensor(self, scope, name):
        """The tensor of that key, or the only one of that name, or None."""
        alike = [t for t in self.json["tensors"] if t["name"] == name]
        exact = [t for t in alike if scope_key(t["scope"]) == scope_key(scope)]
        if exact:
            return exact[0]
        return alike[0] if len(alike) == 1 else None


def scope_key(scope):
    """One spelling of a scope: truth files leave out indices and domains of functions."""
    if scope.startswith("function:"):
        return "function:" + scope.removeprefix("function:").split("::")[-1].split("/")[-1]
    for index in range(10):
        scope = scope.replace(f"[{index}]", "")
    return scope.strip("/").replace("/", ".")
