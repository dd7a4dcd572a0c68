"""Create what Answerdesk needs: virtual environment, CPU torch, locked packages, embedding model, browser for tests.

Usage: set_up.py [--test]. Needs the standard library only. A second run finds everything done and takes a moment.
"""

from __future__ import annotations  # so that an older Python gets as far as being told

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "answerdesk-set-up.json"
LOCKS = {"run": "requirements.lock", "test": "requirements-dev.lock"}
CPU_INDEX = "https://download.pytorch.org/whl/cpu"
TORCH = "torch>=2.6,<3"
PROBE_S = 5
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
TOLD_EVERY = 25


def main() -> None:
    """Do each step unless its stamp says that it is done with the same ingredients."""
    purpose = "test" if "--test" in sys.argv[1:] else "run"
    stamp = _read_stamp()
    if stamp.get(purpose) != _ingredients(purpose):
        _create_environment()
        _install_torch()
        _install_packages(LOCKS[purpose])
        _compile_openers()
        # The packages of a test run contain those of an ordinary run.
        done = ("run", "test") if purpose == "test" else ("run",)
        stamp = {name: _ingredients(name) for name in done}
        _write_stamp(stamp)
    if stamp.get("model") != _model_wish() or not Path(stamp["prepared"]).is_dir():
        _write_stamp(stamp | {"prepared": _prepare_model(), "model": _model_wish()})
    if purpose == "test":
        _find_browser()


def _say(text: str) -> None:
    print(text, flush=True)


def _fail(sentence: str) -> None:
    sys.exit(f"set-up failed: {sentence}")


def _read_stamp() -> dict[str, str]:
    try:
        stamp: dict[str, str] = json.loads(STAMP.read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return stamp if PYTHON.exists() else {}


def _write_stamp(stamp: dict[str, str]) -> None:
    STAMP.write_text(json.dumps(stamp, indent=2))


def _ingredients(purpose: str) -> str:
    """What the installed packages follow from."""
    digest = hashlib.sha256(sys.version.encode() + str(ROOT).encode())
    for name in (LOCKS[purpose], "pyproject.toml"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def _model_wish() -> str:
    """What the choice of the embedding model follows from: environment, `.env`, answerdesk.toml."""
    named = ("ANSWERDESK_EMBED__", "ANSWERDESK_MODEL_DIR", "ANSWERDESK_CONFIG")
    wishes = [f"{name}={value}" for name, value in sorted(os.environ.items()) if name.startswith(named)]
    files = [ROOT / ".env", Path(os.environ.get("ANSWERDESK_CONFIG", ROOT / "answerdesk.toml"))]
    wishes += [file.read_text() for file in files if file.is_file()]
    return hashlib.sha256("\n".join(wishes).encode()).hexdigest()


def _create_environment() -> None:
    if PYTHON.exists() and _run_quietly(str(PYTHON), "-m", "pip", "--version"):
        return
    _say(f"Creating a virtual environment with Python {sys.version.split()[0]} in .venv …")
    create = (sys.executable, "-m", "venv", "--clear", str(VENV))
    if _run_quietly(*create):
        return
    # Debian and Ubuntu keep venv in a package of its own.
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    if not (_install_from_system(package) and _run_quietly(*create)):
        _fail(f"Python's venv module does not work here. Install it, on Debian with `apt-get install {package}`.")


def _install_torch() -> None:
    """The CPU build: there already, offered by pip's own sources, from PyTorch's index, else what is the default."""
    if _run_quietly(str(PYTHON), "-c", "import importlib.metadata as m; m.version('torch')"):
        return
    _pip(*_torch_arguments())


def _torch_arguments() -> tuple[str, ...]:
    if sys.platform != "linux":
        _say("Installing torch (its default build is for the CPU here) …")
        return ("--no-deps", TORCH)
    if offered := _offered_cpu_build():
        _say(f"Installing torch {offered}, the CPU build that pip's sources offer …")
        return ("--no-deps", f"torch=={offered}")
    if _answers(f"{CPU_INDEX}/torch/"):
        _say(f"Installing torch's CPU build from {CPU_INDEX} …")
        return ("--no-deps", "--index-url", CPU_INDEX, TORCH)
    _say(f"WARNING: {CPU_INDEX} does not answer, so torch comes with several gigabytes of CUDA packages.")
    return (TORCH,)


def _offered_cpu_build() -> str | None:
    """The newest CPU build among what pip finds in its configured places, such as a folder of wheels."""
    command = (PYTHON, "-m", "pip", "index", "versions", "torch")
    asked = subprocess.run(command, capture_output=True, text=True, check=False)
    offered = re.findall(r"\b\d+\.\d+\.\d+\+cpu\b", asked.stdout)
    return offered[0] if offered else None


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=PROBE_S):  # noqa: S310  # a constant https address
            return True
    except (urllib.error.URLError, TimeoutError, OSError):
        return False


def _install_packages(lock: str) -> None:
    count = len(re.findall(r"^[a-z0-9].*==", (ROOT / lock).read_text(), flags=re.MULTILINE))
    _say(f"Installing {count} packages from {lock}, each checked by its hash …")
    _pip("--no-deps", "--require-hashes", "-r", str(ROOT / lock), expected=count)
    _pip("--no-deps", "--no-build-isolation", "-e", str(ROOT))


def _compile_openers() -> None:
    """What opens a file runs in a process of its own that may write nothing, and would compile itself for each file."""
    every = "[import_module(f'ingest.opening.{name}') for name in ('reader', *OPENERS)]"
    lines = ("from importlib import import_module", "from ingest.opening.__main__ import OPENERS", every)
    _run_quietly(str(PYTHON), "-c", "; ".join(lines))


def _pip(*arguments: str, expected: int = 0) -> None:
    """Run `pip install`, tell how far it is, and show what it said if it fails."""
    command = (str(PYTHON), "-m", "pip", "install", "--progress-bar", "off", "--no-compile", *arguments)
    said, collected = [], 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        for line in process.stdout or ():
            said.append(line)
            collected += line.startswith("Collecting ")
            if expected and line.startswith("Collecting ") and collected % TOLD_EVERY == 0:
                _say(f"  {collected} of {expected}")
            if expected and line.startswith("Installing collected packages"):
                _say("  unpacking …")
    if process.returncode:
        _fail("".join(said[-30:]))


def _prepare_model() -> str:
    """Have the embedding model prepared, and give the folder to look for next time."""
    command = (VENV / "bin" / "answerdesk", "model", "prepare", "--json")
    prepared = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False, cwd=ROOT)
    if prepared.returncode:
        _fail("the embedding model could not be prepared; the reason stands above.")
    # Another backend than onnx has no folder; the repository itself is always there.
    return str(ROOT / (json.loads(prepared.stdout.splitlines()[-1])["folder"] or ""))


def _find_browser() -> None:
    if any(shutil.which(name) for name in BROWSERS):
        return
    _say("Installing Chromium for the browser tests …")
    if not _install_from_system("chromium"):
        _say("NOT COVERED: no Chromium, so browser tests are skipped. As root, `apt-get install chromium` provides it.")


def _install_from_system(package: str) -> bool:
    """Install a Debian package, if we may; false when it is not there afterwards."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for words in (("update", "-qq"), ("install", "-y", "-qq", "--no-install-recommends", package)):
        subprocess.run(("apt-get", *words), env=environment, stdout=subprocess.DEVNULL, check=False)
    return subprocess.run(("dpkg", "-s", package), capture_output=True, check=False).returncode == 0


def _run_quietly(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


if __name__ == "__main__":
    if sys.version_info < (3, 11):  # noqa: UP036  # this is where a stranger's Python meets the requirement
        _fail(f"Answerdesk needs Python 3.11 or newer; this is {sys.version.split()[0]}. Set PYTHON=… for make.")
    main()
