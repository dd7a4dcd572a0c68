"""Reliability diagram and risk-coverage curve as SVG that a browser shows in light and in dark."""

from collections.abc import Sequence
from html import escape

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 420, 380, 56, 48, 34
_STYLE = (
    "text{font:12px system-ui,sans-serif;fill:#333}.grid{stroke:#ddd}.even{stroke:#888;stroke-dasharray:4 4}"
    ".line{fill:none;stroke:#14614a;stroke-width:2}.dot{fill:#14614a}"
    "@media(prefers-color-scheme:dark){text{fill:#ddd}.grid{stroke:#444}.line{stroke:#6fc3a4}.dot{fill:#6fc3a4}}"
)


def reliability_diagram(bins: Sequence[tuple[float, float, int]], caption: str) -> str:
    """Mean probability across, share that was right upwards; the area of a dot tells how many answers it stands for."""
    most = max((count for _, _, count in bins), default=1)
    parts = [
        f'<line class="even" x1="{_x(0)}" y1="{_y(0)}" x2="{_x(1)}" y2="{_y(1)}"/>',
        _line([(x, y) for x, y, _ in bins]),
    ]
    for probability, right, count in bins:
        radius = 3 + 7 * (count / most) ** 0.5
        title = f"{count} answers: foreseen {probability:.2f}, right {right:.2f}"
        place = f'cx="{_x(probability)}" cy="{_y(right)}" r="{radius:.1f}"'
        parts.append(f'<circle class="dot" {place}><title>{title}</title></circle>')
    return _drawing(parts, caption, "probability", "share that was right")


def risk_coverage_curve(curve: Sequence[tuple[float, float]], caption: str) -> str:
    """Share of questions answered across, share of those that is wrong upwards."""
    return _drawing([_line(curve)], caption, "share answered", "share of them wrong")


def _drawing(parts: Sequence[str], caption: str, across: str, upwards: str) -> str:
    shape = f'viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(caption)}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {shape}>'
    words = [
        f'<text x="{LEFT}" y="18">{escape(caption)}</text>',
        f'<text x="{(LEFT + WIDTH) / 2}" y="{HEIGHT - 10}" text-anchor="middle">{across}</text>',
        f'<text transform="translate(14 {HEIGHT / 2}) rotate(-90)" text-anchor="middle">{upwards}</text>',
    ]
    return "\n".join([head, f"<style>{_STYLE}</style>", *_grid(), *parts, *words, "</svg>", ""])


def _grid() -> list[str]:
    lines = []
    for step in (0, 0.25, 0.5, 0.75, 1):
        lines += [
            f'<line class="grid" x1="{_x(step)}" x2="{_x(step)}" y1="{_y(0)}" y2="{_y(1)}"/>',
            f'<line class="grid" x1="{_x(0)}" x2="{_x(1)}" y1="{_y(step)}" y2="{_y(step)}"/>',
            f'<text x="{_x(step)}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{step:g}</text>',
            f'<text x="{LEFT - 8}" y="{_y(step) + 4}" text-anchor="end">{step:g}</text>',
        ]
    return lines


def _line(points: Sequence[tuple[float, float]]) -> str:
    return f'<polyline class="line" points="{" ".join(f"{_x(x)},{_y(y)}" for x, y in points)}"/>'


def _x(value: float) -> float:
    return round(LEFT + value * (WIDTH - LEFT - 16), 1)


def _y(value: float) -> float:
    return round(TOP + (1 - value) * (HEIGHT - TOP - BOTTOM), 1)
