"""Pictures, masks, films and sounds that a graph is given: one port for each loader, named by what the graph does with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tools.graph import Graph
from tools.importer.outputs import Output, media_kind
from tools.importer.wiring import Link, Place, Wiring
from tools.model import MediaKind

_UPLOADS = {
    "image_upload": MediaKind.IMAGE,
    "video_upload": MediaKind.VIDEO,
    "audio_upload": MediaKind.AUDIO,
    "file_upload": MediaKind.MODEL3D,
}
"""ComfyUI marks the input that takes a file so."""
_PICTURE, _ALPHA = 0, 1
"""The output slots of LoadImage: the picture, and its transparency as a mask."""
ROLES = {
    "start_image": "start_image", "first_frame": "start_image", "end_image": "end_image", "last_frame": "end_image",
    "control_image": "control", "control_video": "control", "pose_video": "control", "inpaint_image": "image",
    "ref_image": "reference", "reference_image": "reference", "image_ref": "reference",
    "reference_video": "reference", "reference_audio": "reference",
}  # fmt: skip
"""What an input is called by the nodes that know what it is for."""
_ROLE_OF_CLASS = {
    "StyleModelApply": "style", "USOStyleReference": "style", "ControlNetApply": "control",
    "ControlNetApplyAdvanced": "control", "ControlNetApplySD3": "control", "SetUnionControlNetType": "control",
    "QwenImageDiffsynthControlnet": "control", "ZImageFunControlnet": "control",
}  # fmt: skip
"""Nodes whose picture input is called `image` like any other, though its role is fixed."""
_LOOKS = {"CLIP_VISION_OUTPUT"}
"""Besides media: what a picture becomes on its way to a node that knows its role."""


@dataclass(frozen=True)
class Loader:
    """Where a file is written, what it is, and what the graph does with it (None: nothing in particular)."""

    place: Place
    kind: MediaKind
    role: str | None


@dataclass(frozen=True)
class MediaPort:
    """An input port and the places its file is written to."""

    port: str
    kind: MediaKind
    places: tuple[Place, ...]


def split_masks(graph: Graph, info: Mapping[str, Any]) -> None:
    """Give each mask that comes out of a picture's transparency a loader of its own: a mask is another file here, white
    where it applies."""
    wiring = Wiring(graph, info)
    for node in list(graph):
        if wiring.class_of(node) != "LoadImage" or not wiring.consumers(node, _ALPHA):
            continue
        loader = {
            "class_type": "LoadImageMask",
            "inputs": {"image": graph[node]["inputs"]["image"], "channel": "red"},
        }
        name = f"{node}:mask" if wiring.consumers(node, _PICTURE) else node
        for place in wiring.consumers(node, _ALPHA):
            graph[place.node]["inputs"][place.input] = [name, 0]
        graph[name] = loader


def find_media(wiring: Wiring, outputs: list[Output]) -> list[MediaPort]:
    """The input ports in the order in which the graph uses them."""
    found = [
        Loader(place, kind, _role(wiring, node))
        for node in dict.fromkeys(n for output in outputs for n in wiring.sources(output.node))
        if (at := _upload(wiring, node)) is not None
        for place, kind in (at,)
    ]
    ports: list[MediaPort] = []
    for kind in MediaKind:
        ports += _named(wiring, kind, [loader for loader in found if loader.kind is kind])
    return ports


def _upload(wiring: Wiring, node: str) -> tuple[Place, MediaKind] | None:
    for place in wiring.inputs(node):
        spec = wiring.spec(place)
        kind = next((kind for key, kind in _UPLOADS.items() if spec and spec.options.get(key)), None)
        if kind is not None and wiring.link(place) is None:
            return place, MediaKind.MASK if wiring.class_of(node) == "LoadImageMask" else kind
    return None


def _named(wiring: Wiring, kind: MediaKind, loaders: list[Loader]) -> list[MediaPort]:
    """The first is called after its kind; start and end are a pair; further ones after their role, or by number."""
    groups: dict[str, list[Loader]] = {}
    for loader in loaders:  # the same file twice is one thing that a person brings
        groups.setdefault(str(wiring.value(loader.place)), []).append(loader)
    roles = {key: next((one.role for one in group if one.role), None) for key, group in groups.items()}
    pair = {"start_image", "end_image"} <= set(roles.values())
    first = next((key for key, role in roles.items() if role is None or role == kind.value), None)
    first = None if pair else first or next(iter(groups), None)
    names: dict[str, str] = {} if first is None else {first: kind.value}
    for key, role in roles.items():
        wanted = role if role and role not in names.values() else None
        names.setdefault(key, wanted or _numbered(kind.value, names.values()))
    ordered = sorted(groups, key=lambda key: key != first)
    return [MediaPort(names[key], kind, tuple(one.place for one in groups[key])) for key in ordered]


def _numbered(name: str, taken: Any) -> str:
    number = 2
    while f"{name}_{number}" in taken:
        number += 1
    return f"{name}_{number}"


def _role(wiring: Wiring, loader: str) -> str | None:
    """The role that the nearest node with an opinion gives it."""
    frontier, seen = [loader], {loader}
    while frontier:
        consumers = [
            place for node in frontier for place in wiring.consumers(node) if _carries(wiring, place)
        ]
        roles = [role for place in consumers if (role := _role_at(wiring, place)) is not None]
        if roles:
            return roles[0]
        frontier = [node for node in dict.fromkeys(place.node for place in consumers) if node not in seen]
        seen.update(frontier)
    return None


def _carries(wiring: Wiring, place: Place) -> bool:
    link = wiring.link(place)
    return link is not None and (
        media_kind(wiring, link) not in (None, MediaKind.MODEL3D) or wiring.type_of(link) in _LOOKS
    )


def _role_at(wiring: Wiring, place: Place) -> str | None:
    name = wiring.class_of(place.node)
    if name == "LTXVAddGuide" and place.input == "image":
        return _role_of_frame(wiring.value(Place(place.node, "frame_idx")))
    if "mask" in place.input.lower():
        return None
    return ROLES.get(place.input) or _ROLE_OF_CLASS.get(name)


def _role_of_frame(index: Any) -> str | None:
    """A guide stands at a frame: the first, or counted from the end the last."""
    return {0: "start_image", -1: "end_image"}.get(index) if isinstance(index, int) else None


def reads_input(wiring: Wiring, link: Link) -> bool:
    """Whether a loader alone stands behind an output."""
    return _upload(wiring, link.node) is not None
