"""Draw the icon sprite again from an unpacked `lucide-static` package: python scripts/icons.py FOLDER."""

import re
import sys
from pathlib import Path

TARGET = Path(__file__).parent.parent / "frontend/static/icons"
NAMES = """
activity arrow-down arrow-left arrow-right arrow-up-right book-open bot chart-column check chevron-down
chevron-right circle-alert circle-check circle-x clock copy database download ellipsis ellipsis-vertical
external-link file-text files folder-open hand history inbox info key-round keyboard layers layout-dashboard
life-buoy link list loader lock log-in log-out mail menu message-circle-question-mark message-square
message-square-plus moon panel-right pencil play plus quote refresh-cw rotate-ccw search send shield-check shuffle
sparkles square star sticky-note sun sun-moon thumbs-down thumbs-up trash-2 triangle-alert undo-2 upload user
user-plus user-round users wifi-off x
""".split()


def main(package: Path) -> None:
    """Write `sprite.svg` and the licence that goes with it."""
    version = re.search(r'"version": "([^"]+)"', (package / "package.json").read_text())
    symbols = "\n".join(_symbol(name, (package / "icons" / f"{name}.svg").read_text()) for name in NAMES)
    notice = f"<!-- Lucide {version[1] if version else ''}, ISC licence: see lucide-licence.txt -->"
    (TARGET / "sprite.svg").write_text(f'<svg xmlns="http://www.w3.org/2000/svg">\n{notice}\n{symbols}\n</svg>\n')
    (TARGET / "lucide-licence.txt").write_text((package / "LICENSE").read_text())


def _symbol(name: str, drawing: str) -> str:
    shapes = re.sub(r"\s+", " ", re.split(r"<svg[^>]*>", drawing)[1].replace("</svg>", "")).strip()
    look = 'viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75"'
    look += ' stroke-linecap="round" stroke-linejoin="round"'
    return f'<symbol id="{name}" {look}>{shapes}</symbol>'


if __name__ == "__main__":
    main(Path(sys.argv[1]))
