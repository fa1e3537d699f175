"""Completion in real shells: bash, zsh on a terminal of its own, fish. Exit 77 where none is there.

completion_test.py COMMAND: the path of hoarfrost.
"""

import os
import pty
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

COMMAND = sys.argv[1]
LIMIT = 60  # seconds for a shell to answer


def script(shell):
    run = subprocess.run([COMMAND, "completion", shell], capture_output=True, text=True, check=True)
    return run.stdout


def bash(words, folder):
    """What bash offers for the last of `words`."""
    program = (
        'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _hoarfrost;'
        ' printf "%s\\n" "${COMPREPLY[@]}"'
    )
    (folder / "bash").write_text(script("bash"))
    command = ["bash", "--norc", "-c", program, "bash", folder / "bash", *words]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    assert run.stderr == "", run.stderr
    return sorted(line for line in run.stdout.splitlines() if line)


def fish(words, folder):
    (folder / "fish").write_text(script("fish"))
    line = " ".join(words)
    program = f"source fish; complete -C {line!r}"
    environment = {**os.environ, "HOME": str(folder)}
    command = ["fish", "--no-config", "-c", program]
    run = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=True
    )
    return sorted(line.split("\t")[0] for line in run.stdout.splitlines())


def zsh(words, folder):
    """What the line has become after a tab, typed on a terminal."""
    (folder / "_hoarfrost").write_text(script("zsh"))
    environment = {**os.environ, "HOME": str(folder), "TERM": "dumb", "PS1": ""}
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.execvpe("zsh", ["zsh", "-f", "-i"], environment)
    seen = ""

    def wait_for(text):
        nonlocal seen
        end = time.monotonic() + LIMIT
        while text not in seen:
            assert time.monotonic() < end, f"no {text!r} in {seen!r}"
            if select.select([terminal], [], [], 1)[0]:
                seen += os.read(terminal, 65536).decode(errors="replace")

    try:
        os.write(
            terminal,
            b"fpath=($PWD $fpath); autoload -Uz compinit; compinit -u -D; hoarfrost() { :; };"
            b" accept() { print -r -- \"<<$BUFFER>>\"; }; zle -N accept; bindkey '^G' accept;"
            b" bindkey '^I' complete-word; print rea''dy\n",
        )
        wait_for("ready")
        seen = ""
        os.write(terminal, " ".join(words).encode() + b"\t\x07")
        wait_for(">>")
        return seen.rsplit("<<", 1)[1].split(">>")[0].strip()
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(terminal)


def main():
    tried = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "a model.onnx").write_bytes(b"")
        if shutil.which("bash"):
            tried.append("bash")
            assert bash(["hoarfrost", "ins"], folder) == ["inspect"]
            assert bash(["hoarfrost", "inspect", "--js"], folder) == ["--json"]
            offered = bash(["hoarfrost", "inspect", "--by", ""], folder)
            assert offered == ["dtype", "layer", "operator", "tensor"]
            assert bash(["hoarfrost", "inspect", "--depth", ""], folder) == []
            assert bash(["hoarfrost", "inspect", "a"], folder) == ["a model.onnx"]
            assert bash(["hoarfrost", "inspect", "--html", "a"], folder) == ["a model.onnx"]
            assert bash(["hoarfrost", "lint", "--fail-on", "w"], folder) == ["warning"]
            assert "--help" in bash(["hoarfrost", "freeze", "--"], folder)
        if shutil.which("fish"):
            tried.append("fish")
            assert fish(["hoarfrost", "ins"], folder) == ["inspect"]
            assert fish(["hoarfrost", "inspect", "--js"], folder) == ["--json"]
            offered = fish(["hoarfrost", "inspect", "--by", ""], folder)
            assert offered == ["dtype", "layer", "operator", "tensor"]
        if shutil.which("zsh"):
            tried.append("zsh")
            assert zsh(["hoarfrost", "insp"], folder) == "hoarfrost inspect"
            assert zsh(["hoarfrost", "inspect", "--js"], folder) == "hoarfrost inspect --json"
            line = zsh(["hoarfrost", "inspect", "--by", "te"], folder)
            assert line == "hoarfrost inspect --by tensor"
            line = zsh(["hoarfrost", "lint", "a"], folder)
            assert line == "hoarfrost lint a\\ model.onnx"
    print("completion works in", ", ".join(tried))
    return 0 if tried else 77


if __name__ == "__main__":
    sys.exit(main())
