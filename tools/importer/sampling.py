"""The samplers that make the result, and the numbers that a person may turn on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tools.importer.numbers import is_number, leaves, number
from tools.importer.wiring import Link, Place, Wiring

_STEERS = {"GUIDER", "SIGMAS", "NOISE", "SAMPLER"}
"""The types by which the parts of a sampler hang together where it is not one node."""
_MAKES_NOTHING = {
    "MODEL", "CLIP", "VAE", "CONDITIONING", "CONTROL_NET", "CLIP_VISION", "CLIP_VISION_OUTPUT", "STYLE_MODEL",
    "STRING", "INT", "FLOAT", "BOOLEAN", "COMBO", "UPSCALE_MODEL", "MODEL_PATCH", "LATENT_UPSCALE_MODEL", *_STEERS,
}  # fmt: skip
"""Types that shape the result without becoming it."""
_GUIDANCE = ("cfg", "cfg_conds", "guidance")


@dataclass(frozen=True)
class Stage:
    """One sampler and the nodes that steer it."""

    node: str
    parts: tuple[str, ...]


def stages(wiring: Wiring, end: str) -> list[Stage]:
    """The samplers on the way from the output back to what it is made of, the last first.

    Where a node takes conditioning, only its latent is followed: what else it is given is looked at, not worked on.
    """
    found = [Stage(node, _parts(wiring, node)) for node in spine(wiring, end) if _is_sampler(wiring, node)]
    told = [stage for stage in found if _is_told(wiring, stage)]
    return told or found


def enlargements(wiring: Wiring, end: str) -> list[Place]:
    """Where it is written how many times larger the result becomes, if that is one number."""
    places = [
        Place(node, name)
        for node in spine(wiring, end)
        for name in ("scale_by", "resize_type.multiplier")
        if _gives(wiring, node, name)
    ]
    found = [leaf for place in places for leaf in leaves(wiring, place)]
    return found if len(found) == 1 and wiring.value(found[0]) > 1 else []


def spine(wiring: Wiring, end: str) -> list[str]:
    """The nodes that the result itself passes through, nearest to the output first."""
    ordered, waiting = [], [end]
    while waiting:
        node = waiting.pop(0)
        if node in ordered:
            continue
        ordered.append(node)
        links = [link for _, link in wiring.linked(node)]
        kinds = {link: wiring.type_of(link) for link in links}
        steered = any(kind in ("CONDITIONING", "GUIDER") for kind in kinds.values())
        waiting += [
            link.node
            for link in links
            if (kinds[link] == "LATENT" if steered else kinds[link] not in _MAKES_NOTHING)
        ]
    return ordered


def seeds(wiring: Wiring, nodes: set[str]) -> list[Place]:
    """Every seed that changes the result; one of a sampler that adds no noise does not."""
    named = [
        Place(node, name) for node in nodes for name in ("seed", "noise_seed") if _gives(wiring, node, name)
    ]
    named = [
        place for place in named if wiring.value(Place(place.node, "add_noise")) not in ("disable", False)
    ]
    inner = [
        place
        for node in nodes
        for place in wiring.inputs(node)
        if place.input.endswith(".seed")
        and wiring.info.get(wiring.class_of(node), {}).get("output") == ["STRING"]
    ]
    return sorted({leaf for place in named or inner for leaf in leaves(wiring, place)})


def steps(wiring: Wiring, found: list[Stage]) -> list[Place]:
    """Where the number of steps is written; of stages that differ, the first one's."""
    return _of_first_stage(wiring, found, ("steps",), lambda value: value > 0)


def guidance(wiring: Wiring, found: list[Stage], nodes: set[str]) -> list[Place]:
    """Where the guidance is written, if it does anything: a scale of 1 is none, and then a node beside may embed one."""
    places = _of_first_stage(wiring, found, _GUIDANCE, lambda value: value > 1)
    if places or not found:
        return places
    embedded = [Place(node, "guidance") for node in sorted(nodes) if _gives(wiring, node, "guidance")]
    return _alike(wiring, [leaf for place in embedded for leaf in leaves(wiring, place)])


def split_steps(wiring: Wiring, found: list[Stage], whole: float) -> list[Place]:
    """Where a schedule is divided between two models, as a step of the `whole`."""
    names = ("start_at_step", "end_at_step", "step")
    places = [
        leaf for stage in found for place in _named(wiring, stage, names) for leaf in leaves(wiring, place)
    ]
    return sorted({place for place in places if 0 < wiring.value(place) < whole})


def ends_of_schedule(wiring: Wiring, found: list[Stage], whole: float) -> list[Place]:
    """Where the last step is written a second time."""
    places = [
        leaf
        for stage in found
        for place in _named(wiring, stage, ("end_at_step",))
        for leaf in leaves(wiring, place)
    ]
    return sorted({place for place in places if wiring.value(place) == whole})


def denoising(wiring: Wiring, found: list[Stage]) -> list[Place]:
    """Where it is written how much the first stage repaints, if that is less than all."""
    if not found:
        return []
    places = [leaf for place in _named(wiring, found[-1], ("denoise",)) for leaf in leaves(wiring, place)]
    return [place for place in places if 0 < wiring.value(place) < 1]


def control(wiring: Wiring, nodes: set[str]) -> list[Place]:
    """Where it is written how strictly a control picture is followed."""
    places = [
        Place(node, "strength")
        for node in sorted(nodes)
        if _gives(wiring, node, "strength")
        and any(wiring.type_of(link) in ("CONTROL_NET", "MODEL_PATCH") for _, link in wiring.linked(node))
    ]
    return _alike(wiring, [leaf for place in places for leaf in leaves(wiring, place)])


def _is_told(wiring: Wiring, stage: Stage) -> bool:
    """Whether words or pictures condition a sampler; one that reads depth from a picture has a fixed condition."""
    links = [
        link
        for part in stage.parts
        for _, link in wiring.linked(part)
        if wiring.type_of(link) == "CONDITIONING"
    ]
    return any(wiring.linked(link.node) for link in links)


def _of_first_stage(wiring: Wiring, found: list[Stage], names: tuple[str, ...], counts: Any) -> list[Place]:
    """The places of the stage that works first, and all others that say the same."""
    by_stage = [
        [
            leaf
            for place in _named(wiring, stage, names)
            if counts(number(wiring, place) or 0)
            for leaf in leaves(wiring, place)
        ]
        for stage in found
    ]
    first = next((places for places in reversed(by_stage) if places), [])
    if not first:
        return []
    same = [place for places in by_stage for place in places if wiring.value(place) == wiring.value(first[0])]
    return sorted(set(same))


def _alike(wiring: Wiring, places: list[Place]) -> list[Place]:
    """Places that all say the same; where they differ, there is no one number to turn."""
    return sorted(set(places)) if len({wiring.value(place) for place in places}) == 1 else []


def _named(wiring: Wiring, stage: Stage, names: tuple[str, ...]) -> list[Place]:
    return [Place(node, name) for node in stage.parts for name in names if _gives(wiring, node, name)]


def _gives(wiring: Wiring, node: str, name: str) -> bool:
    place = Place(node, name)
    return wiring.link(place) is not None or is_number(wiring.value(place))


def _is_sampler(wiring: Wiring, node: str) -> bool:
    kinds = {wiring.type_of(link) for _, link in wiring.linked(node)}
    whole = "steps" in wiring.graph[node]["inputs"] and "MODEL" in kinds
    return wiring.type_of(Link(node, 0)) == "LATENT" and (whole or bool(kinds & {"GUIDER", "SIGMAS"}))


def _parts(wiring: Wiring, node: str) -> tuple[str, ...]:
    parts, waiting = [], [node]
    while waiting:
        current = waiting.pop(0)
        parts.append(current)
        waiting += [
            link.node
            for _, link in wiring.linked(current)
            if wiring.type_of(link) in _STEERS and link.node not in parts
        ]
    return tuple(parts)
