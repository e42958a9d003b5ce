"""Plots as inline SVG, coloured by the page's own variables so that they follow light and dark. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import pairwise

from evals.summary import quantile

WIDTH = 560
CALIBRATION = 10


def svg(width: float, height: float, body: str, label: str) -> str:
    """An SVG that scales with its column."""
    return f'<svg viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{escape(label)}">{body}</svg>'


def text(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">{escape(words)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, kind: str = "grid") -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>'


def rect(x: float, y: float, width: float, height: float, kind: str, title: str = "") -> str:
    told = f"<title>{escape(title)}</title>" if title else ""
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(0, width):.1f}" height="{height:.1f}" class="{kind}">{told}</rect>'


def bars(rows: Sequence[tuple[str, float, int]], label: str) -> str:
    """Shares between 0 and 1 as bars: name, share, how many cases."""
    left, row, right = 150.0, 22.0, 60.0
    across = WIDTH - left - right
    body = [line(left + across * tick, 4, left + across * tick, row * len(rows) + 4) for tick in (0, 0.5, 1)]
    for place, (name, share, cases) in enumerate(rows):
        y = row * place + 6
        body += [
            text(left - 10, y + 12, name, "name", "end"),
            rect(left, y + 3, across, 11, "track"),
            rect(left, y + 3, across * share, 11, _kind(share), f"{name}: {100 * share:.1f} % of {cases}"),
            text(left + across + 8, y + 12, f"{100 * share:.0f}", "value"),
            text(WIDTH, y + 12, str(cases), "faint", "end"),
        ]
    return svg(WIDTH, row * len(rows) + 10, "".join(body), label)


def slopes(rows: Sequence[tuple[str, float, float]], label: str) -> str:
    """What each suite was and is: name, share before, share after."""
    left, row, right = 150.0, 22.0, 60.0
    across = WIDTH - left - right
    body = [line(left + across * tick, 4, left + across * tick, row * len(rows) + 4) for tick in (0, 0.5, 1)]
    for place, (name, before, after) in enumerate(rows):
        y = row * place + 15
        kind = "rose" if after > before else "fell" if after < before else "same"
        body += [
            text(left - 10, y + 4, name, "name", "end"),
            line(left + across * before, y, left + across * after, y, f"slope {kind}"),
            f'<circle cx="{left + across * before:.1f}" cy="{y}" r="3.5" class="before"/>',
            f'<circle cx="{left + across * after:.1f}" cy="{y}" r="5" class="after {kind}"/>',
            text(WIDTH, y + 4, f"{100 * (after - before):+.1f}", f"value {kind}", "end"),
        ]
    return svg(WIDTH, row * len(rows) + 10, "".join(body), label)


def histogram(values: Sequence[float], label: str, buckets: int = 36) -> str:
    """How long answers took, in milliseconds, up to the 99th percentile; p50 and p95 are marked."""
    if not values:
        return ""
    height, base, top = 150.0, 122.0, quantile(values, 0.99) or 1.0
    counts = [0] * buckets
    for value in values:
        counts[min(buckets - 1, int(buckets * value / top))] += 1
    width, tallest = WIDTH / buckets, max(counts)
    body = []
    for place, count in enumerate(counts):
        tall = 100 * count / tallest
        title = f"{place * top / buckets:.0f} to {(place + 1) * top / buckets:.0f} ms: {count}"
        body.append(rect(place * width + 0.75, base - tall, width - 1.5, tall, "bar", title))
    body.append(line(0, base, WIDTH, base, "axis"))
    for q in (0.5, 0.95):
        mark = quantile(values, q)
        x = WIDTH * min(1.0, mark / top)
        body += [line(x, 12, x, base, "mark"), text(x + 4, 20, f"p{100 * q:.0f} {mark:.0f} ms", "value")]
    body += [text(0, 140, "0", "faint"), text(WIDTH, 140, f"{top:.0f} ms", "faint", "end")]
    return svg(WIDTH, height, "".join(body), label)


def calibration(pairs: Sequence[tuple[float, bool]], label: str) -> str:
    """How often answers of a stated confidence were right; the diagonal is what they promise."""
    side, pad = 240.0, 30.0
    across = side - 2 * pad
    body = [
        line(pad, side - pad, side - pad, pad, "promise"),
        line(pad, side - pad, side - pad, side - pad, "axis"),
        line(pad, side - pad, pad, pad, "axis"),
    ]
    points = []
    for place in range(CALIBRATION):
        within = [right for stated, right in pairs if place <= min(stated, 0.999) * CALIBRATION < place + 1]
        if within:
            share = sum(within) / len(within)
            points.append((pad + across * (place + 0.5) / CALIBRATION, side - pad - across * share, len(within), share))
    body += [line(a[0], a[1], b[0], b[1], "curve") for a, b in pairwise(points)]
    for x, y, count, share in points:
        title = f"<title>{count} answers, {100 * share:.0f} % right</title>"
        body.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{2.5 + min(6, count**0.5 / 3):.1f}" class="point">{title}</circle>')
    upright = f'transform="rotate(-90 10 {side / 2})"'
    body += [
        text(side / 2, side - 8, "confidence it states", "faint", "middle"),
        f'<text x="10" y="{side / 2}" class="faint" text-anchor="middle" {upright}>share right</text>',
    ]
    return svg(side, side, "".join(body), label)


def curve(points: Sequence[tuple[int, float]], label: str) -> str:
    """Recall at k: how often the tool that is needed is among the first k."""
    side, pad = 240.0, 30.0
    across = side - 2 * pad
    places = [
        (pad + across * place / max(1, len(points) - 1), side - pad - across * share, k, share)
        for place, (k, share) in enumerate(points)
    ]
    body = [
        line(pad, side - pad, side - pad, side - pad, "axis"),
        line(pad, pad, side - pad, pad),
        line(pad, side - pad, pad, pad, "axis"),
    ]
    body += [line(a[0], a[1], b[0], b[1], "curve") for a, b in pairwise(places)]
    for x, y, k, share in places:
        body += [
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" class="point"/>',
            text(x, y - 9, f"{100 * share:.0f}", "value", "middle"),
            text(x, side - pad + 14, f"@{k}", "faint", "middle"),
        ]
    return svg(side, side, "".join(body), label)


def _kind(share: float) -> str:
    return "good" if share >= 0.95 else "fair" if share >= 0.8 else "poor"
