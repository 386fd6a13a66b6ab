"""Line charts as inline SVG: they work in a page that is opened from disk, without a network."""

import math
from collections.abc import Mapping, Sequence
from html import escape

COLOURS = ("#e0a458", "#6aa9d8", "#8fbf7f", "#d87a7a", "#b79be0", "#9aa0a6")
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 220, 52, 12, 26, 24  # px


def line_chart(title: str, series: Mapping[str, Sequence[tuple[float, float]]], x_name: str = "samples", most: int = 600) -> str:
    """An SVG of `series` (name -> (x, y) points); what is not a number is left out, long series are thinned to `most` means."""
    curves = {name: _thinned([(x, y) for x, y in points if math.isfinite(y)], most) for name, points in series.items()}
    curves = {name: points for name, points in curves.items() if points}
    if not curves:
        return ""
    xs = [x for points in curves.values() for x, _ in points]
    ys = [y for points in curves.values() for _, y in points]
    x0, x1, y0, y1 = min(xs), max(xs), min(ys), max(ys)
    x1, y1 = (x1 if x1 > x0 else x0 + 1), (y1 if y1 > y0 else y0 + 1)

    def place(x: float, y: float) -> str:
        across = LEFT + (x - x0) / (x1 - x0) * (WIDTH - LEFT - RIGHT)
        return f"{across:.1f},{TOP + (y1 - y) / (y1 - y0) * (HEIGHT - TOP - BOTTOM):.1f}"

    title = escape(title)
    parts = [f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{title}"><text x="{LEFT}" y="15" class="t">{title}</text>']
    for share in (0.0, 0.5, 1.0):
        y = y0 + share * (y1 - y0)
        down = place(x0, y).split(",")[1]
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{down}" y2="{down}" class="g"/>'
                     f'<text x="{LEFT - 6}" y="{float(down) + 4:.1f}" class="n">{y:.3g}</text>')
    parts.append(f'<text x="{LEFT}" y="{HEIGHT - 6}">{x0:g}</text>'
                 f'<text x="{WIDTH - RIGHT}" y="{HEIGHT - 6}" class="n">{x1:g} {escape(x_name)}</text>')
    across = WIDTH - RIGHT
    for index, (name, points) in reversed(list(enumerate(curves.items()))):
        colour = COLOURS[index % len(COLOURS)]
        parts.append(f'<polyline points="{" ".join(place(*p) for p in points)}" stroke="{colour}"><title>{escape(name)}</title></polyline>'
                     f'<text x="{across}" y="15" class="n" style="fill:{colour}">{escape(name)} {points[-1][1]:.3g}</text>')
        across -= 7 * len(f"{name} {points[-1][1]:.3g}") + 12
    return "".join(parts) + "</svg>"


def _thinned(points: list[tuple[float, float]], most: int) -> list[tuple[float, float]]:
    size = math.ceil(len(points) / most) if points else 1
    groups = [points[i:i + size] for i in range(0, len(points), size)]
    return [(group[-1][0], sum(y for _, y in group) / len(group)) for group in groups]
