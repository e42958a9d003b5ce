"""How long a film or a sound is: seconds for a person, frames for the graph."""

from __future__ import annotations

from dataclasses import dataclass

from tools.importer.numbers import leaves, number
from tools.importer.sampling import spine
from tools.importer.wiring import Place, Wiring

_FRAMES = ("length", "num_frames", "frames_number", "video_length", "frame_count", "video_frames")
_RATES = ("fps", "frame_rate")
_SECONDS = ("seconds", "duration", "seconds_total", "audio_duration", "max_duration")
_RATE = 24.0
"""Where nothing says how fast the frames are shown."""


@dataclass(frozen=True)
class Length:
    """Where seconds or frames are written (one of both), what they come to, and how many frames make a whole step."""

    seconds: tuple[Place, ...] = ()
    frames: tuple[Place, ...] = ()
    rate: tuple[Place, ...] = ()
    duration: float = 0.0
    fps: float = _RATE
    step: int = 1
    pieces: bool = False
    """The result is put together from several of that length."""


def find_length(wiring: Wiring, end: str) -> Length | None:
    """The length of a film; None where the graph has none, or what was brought decides."""
    way = spine(wiring, end)
    rate = _rate(wiring, way)
    fps = number(wiring, rate[0]) if rate else None
    sink = next((p for node in reversed(way) for p in _places(wiring, node, _FRAMES)), None)
    if sink is None:
        return Length(rate=rate, fps=fps) if rate and fps else None
    frames = number(wiring, sink)
    decisive = [leaf for leaf in leaves(wiring, sink) if leaf not in rate]
    if len(decisive) == 2:  # the rate, written once more
        decisive = [leaf for leaf in decisive if wiring.value(leaf) != fps]
    if len(decisive) != 1 or frames is None or _is_piece(wiring, decisive[0]):
        return Length(rate=rate, fps=fps) if rate and fps else None
    return _measured(wiring, sink, decisive[0], frames, rate, fps or _RATE)


def _measured(
    wiring: Wiring, sink: Place, leaf: Place, frames: float, rate: tuple[Place, ...], fps: float
) -> Length:
    written = float(wiring.value(leaf))
    same_rate = _same(wiring, _RATES, rate, fps) if rate else ()
    if leaf != sink and abs(written * fps - frames) <= fps and written < frames:
        return Length((leaf,), (), same_rate, written, fps)
    places = _same(wiring, _FRAMES, (leaf,), written)
    step = _step(wiring, places)
    makers = {place.node for place in places if "width" in wiring.graph[place.node]["inputs"]}
    duration = round(max(written - 1, 1) / fps, 2)
    return Length((), places, same_rate, duration, fps, step, len(makers) > 1)


def _step(wiring: Wiring, written: tuple[Place, ...]) -> int:
    """The coarsest step of all that are told these numbers."""
    sinks = [place for node in wiring.graph for place in _places(wiring, node, _FRAMES)]
    specs = [wiring.spec(place) for place in sinks if set(leaves(wiring, place)) & set(written)]
    return max([int(spec.options.get("step", 1)) for spec in specs if spec], default=1)


def _is_piece(wiring: Wiring, leaf: Place) -> bool:
    """Whether a number of frames is that of one piece of many."""
    return any("segment" in consumer.input for consumer in wiring.consumers(leaf.node))


def find_seconds(wiring: Wiring, nodes: set[str]) -> list[Place]:
    """Where the seconds of a sound are written, if all say the same."""
    found = [
        leaf
        for node in sorted(nodes)
        for place in _places(wiring, node, _SECONDS)
        for leaf in leaves(wiring, place)
    ]
    values = {wiring.value(place) for place in found}
    return sorted(set(found)) if len(values) == 1 and max(values) > 0 else []


def _rate(wiring: Wiring, way: list[str]) -> tuple[Place, ...]:
    for node in way:
        for place in _places(wiring, node, ("fps",)):
            found = leaves(wiring, place)
            if len(found) == 1 and number(wiring, place) == wiring.value(found[0]):
                return tuple(found)
    return ()


def _same(
    wiring: Wiring, names: tuple[str, ...], known: tuple[Place, ...], value: float
) -> tuple[Place, ...]:
    """These places and every other of these names that is told the same number."""
    more = [
        leaf
        for node in wiring.graph
        for place in _places(wiring, node, names)
        if len(found := leaves(wiring, place)) == 1 and wiring.value(leaf := found[0]) == value
    ]
    return tuple(sorted({*known, *more}))


def _places(wiring: Wiring, node: str, names: tuple[str, ...]) -> list[Place]:
    return [Place(node, name) for name in names if name in wiring.graph[node]["inputs"]]
