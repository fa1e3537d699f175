"""What was installed: the command, the types, and nothing that it does not need."""

import subprocess
import sysconfig
from importlib import metadata
from pathlib import Path

import hoarfrost

COMMAND = Path(sysconfig.get_path("scripts")) / "hoarfrost"


def test_the_command_is_the_binary_and_of_this_version(dense_bn):
    assert COMMAND.read_bytes()[:4] == b"\x7fELF"
    version = subprocess.run([COMMAND, "--version"], capture_output=True, text=True, check=True)
    assert hoarfrost.__version__ in version.stdout
    assert metadata.version("hoarfrost") == hoarfrost.__version__
    table = subprocess.run([COMMAND, "inspect", dense_bn], capture_output=True, text=True)
    assert table.returncode == 0 and "1,050" in table.stdout


def test_the_command_and_the_package_say_the_same(dense_bn):
    said = subprocess.run([COMMAND, "inspect", "--json", dense_bn], capture_output=True, text=True)
    assert said.stdout.strip() == hoarfrost.load(dense_bn)._core.json().strip()


def test_types_are_installed():
    folder = Path(hoarfrost.__file__).parent
    assert (folder / "py.typed").exists()
    assert "def load(" in (folder / "_core.pyi").read_text()


def test_no_build_leftovers_are_installed():
    folder = Path(hoarfrost.__file__).parent
    names = {path.name for path in folder.iterdir()} - {"__pycache__"}
    sources = {path.name for path in folder.glob("*.py")}
    binaries = {name for name in names if ".so" in name}
    assert names == sources | binaries | {"py.typed", "_core.pyi"}
    assert not any(name.endswith(".h") or name == "include" for name in names)
