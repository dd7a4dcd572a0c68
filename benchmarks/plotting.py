"""A curve of cost and quality as an SVG that a browser shows in light and in dark."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT, LEFT, BOTTOM, MARGIN = 720, 420, 70, 60, 30
LEAST_QUALITY, MOST_QUALITY = 0.92, 1.01
TARGET_COST, TARGET_QUALITY = 0.20, 0.98
STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#333}.axis{stroke:#888}.grid{stroke:#ddd}.curve{fill:none;stroke:#2563eb;"
    "stroke-width:2}.dot{fill:#2563eb}.mark{fill:#c2410c}.target{fill:#16a34a;opacity:.12}"
    "@media(prefers-color-scheme:dark){text{fill:#ddd}.grid{stroke:#444}}"
)


@dataclass(frozen=True, slots=True)
class Point:
    """Cost and quality as shares of those of the strong model alone."""

    name: str
    cost: float
    quality: float


def plot(curve: Sequence[Point], marks: Sequence[Point], caption: str) -> str:
    """The curve, the marked points with their names, and the corner that is aimed at."""
    parts = [*_grid(), _target(), f'<polyline class="curve" points="{" ".join(_at(one) for one in curve)}"/>']
    parts += [_dot(one, "dot", 3, one.name) for one in curve]
    parts += [_dot(one, "mark", 6, one.name) + _label(one) for one in marks]
    parts += [
        f'<text x="{LEFT}" y="18">{escape(caption)}</text>',
        f'<text x="{WIDTH / 2}" y="{HEIGHT - 14}" text-anchor="middle">cost, strong model alone = 1</text>',
        f'<text transform="translate(16 {HEIGHT / 2}) rotate(-90)" text-anchor="middle">quality, likewise</text>',
    ]
    shape = f'viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="Cost and quality"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {shape}>'
    return "\n".join([head, f"<style>{STYLE}</style>", *parts, "</svg>", ""])


def _grid() -> list[str]:
    lines = []
    for step in range(11):
        x = _x(step / 10)
        lines += [f'<line class="grid" x1="{x}" x2="{x}" y1="{MARGIN}" y2="{HEIGHT - BOTTOM}"/>',
                  f'<text x="{x}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{step / 10:g}</text>']  # fmt: skip
    for step in range(92, 102):
        y = _y(step / 100)
        lines += [f'<line class="grid" x1="{LEFT}" x2="{WIDTH - MARGIN}" y1="{y}" y2="{y}"/>',
                  f'<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{step / 100:.2f}</text>']  # fmt: skip
    return lines


def _target() -> str:
    width, height = _x(TARGET_COST) - _x(0), _y(TARGET_QUALITY) - MARGIN
    return f'<rect class="target" x="{_x(0)}" y="{MARGIN}" width="{width}" height="{height}"/>'


def _dot(point: Point, style: str, radius: int, title: str) -> str:
    x, y = _at(point).split(",")
    return f'<circle class="{style}" cx="{x}" cy="{y}" r="{radius}"><title>{escape(title)}</title></circle>'


def _label(point: Point) -> str:
    x, y = (float(one) for one in _at(point).split(","))
    return f'<text x="{x + 10}" y="{y + 4}">{escape(point.name)}</text>'


def _at(point: Point) -> str:
    return f"{_x(point.cost):.1f},{_y(point.quality):.1f}"


def _x(cost: float) -> float:
    return LEFT + min(max(cost, 0.0), 1.05) / 1.05 * (WIDTH - LEFT - MARGIN)


def _y(quality: float) -> float:
    held = min(max(quality, LEAST_QUALITY), MOST_QUALITY)
    return MARGIN + (MOST_QUALITY - held) / (MOST_QUALITY - LEAST_QUALITY) * (HEIGHT - BOTTOM - MARGIN)
