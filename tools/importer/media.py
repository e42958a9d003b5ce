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
    "start_image": "start_image", "init_image": "start_image", "first_frame": "start_image",
    "end_image": "end_image", "last_frame": "end_image",
    "control_image": "control", "control_video": "control", "pose_video": "control",
    "ref_image": "reference", "reference_image": "reference", "image_ref": "reference",
    "reference_video": "reference", "reference_audio": "reference",
}  # fmt: skip
"""What an input is called by the nodes that know what it is for."""
_SAID = {
    "start_image": "The first frame.", "end_image": "The last frame.", "control": "Its shape or motion is followed.",
    "reference": "Who or what shall appear.", "style": "Its look is taken over.",
}  # fmt: skip
_VIEWS = {"front", "back", "left", "right"}
_ROLE_OF_CLASS = {
    "StyleModelApply": "style", "USOStyleReference": "style", "ControlNetApply": "control",
    "ControlNetApplyAdvanced": "control", "ControlNetApplySD3": "control", "SetUnionControlNetType": "control",
    "LTXVImgToVideo": "start_image", "LTXVImgToVideoInplace": "start_image",
    "QwenImageDiffsynthControlnet": "control", "ZImageFunControlnet": "control",
}  # fmt: skip
"""Nodes whose picture input is called `image` like any other, though its role is fixed."""
_WORKED_ON = {"CONDITIONING", "LATENT", "MODEL"}
_BOTH_ENDS = {"start_image", "end_image"}
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
    role: str | None = None
    """What the graph does with it, if it says so, whatever the port is called."""
    said: str = ""
    """The same for a person."""


def split_masks(graph: Graph, info: Mapping[str, Any]) -> None:
    """Give each mask that comes out of a picture's transparency a loader of its own: a mask is another file here, white
    where it applies."""
    wiring = Wiring(graph, info)
    for node in list(graph):
        if wiring.class_of(node) == "Painter":
            _unpainted(graph, wiring, node)
            continue
        if not _has_mask(wiring, node):
            continue
        loader = {
            "class_type": "LoadImageMask",
            "inputs": {"image": graph[node]["inputs"]["image"], "channel": "red"},
        }
        name = f"{node}:mask" if wiring.consumers(node, _PICTURE) else node
        for place in wiring.consumers(node, _ALPHA):
            graph[place.node]["inputs"][place.input] = [name, 0]
        graph[name] = loader


def _has_mask(wiring: Wiring, node: str) -> bool:
    return (
        wiring.class_of(node) == "LoadImage"
        and "image" in wiring.graph[node]["inputs"]
        and _masks_work(wiring, node)
    )


def _unpainted(graph: Graph, wiring: Wiring, node: str) -> None:
    """A canvas to paint a mask on is for a page: here the mask is brought, and the picture beneath it goes through."""
    beneath = graph[node]["inputs"].get("image")
    for place in wiring.consumers(node, _PICTURE):
        if beneath is not None:
            graph[place.node]["inputs"][place.input] = list(beneath)
    for place in wiring.consumers(node, _ALPHA):
        graph[place.node]["inputs"][place.input] = [node, 0]
    graph[node] = {"class_type": "LoadImageMask", "inputs": {"image": f"{node}.png", "channel": "red"}}


def _masks_work(wiring: Wiring, loader: str) -> bool:
    """Whether a picture's transparency says where to work, rather than being carried along or judged anew."""
    frontier, seen = wiring.consumers(loader, _ALPHA), set()
    while frontier:
        place = frontier.pop()
        made = wiring.info.get(wiring.class_of(place.node), {}).get("output") or []
        if "mask" in place.input and set(made) & _WORKED_ON:
            return True
        if place.node not in seen and set(made) & {"MASK", "IMAGE"} and place.input != "alpha":
            seen.add(place.node)
            frontier += wiring.consumers(place.node)
    return False


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
    roles = _roles(groups)
    pair = set(roles.values()) >= _BOTH_ENDS
    if not pair:
        roles = {key: None if role in _BOTH_ENDS else role for key, role in roles.items()}
    first = next((key for key, role in roles.items() if role is None), None)
    first = None if pair else first or next(iter(groups), None)
    names: dict[str, str] = {} if first is None else {first: kind.value}
    for key, role in roles.items():
        wanted = role if role and role not in names.values() else None
        names.setdefault(key, wanted or _numbered(kind.value, names.values()))
    ordered = sorted(groups, key=lambda key: key != first)
    return [
        MediaPort(
            names[key],
            kind,
            tuple(one.place for one in groups[key]),
            next((one.role for one in groups[key] if one.role), None),
            _said(wiring, groups[key][0]),
        )
        for key in ordered
    ]


def _said(wiring: Wiring, loader: Loader) -> str:
    """What is known of a medium beyond its kind: its role, or the name of the view that it shows."""
    if loader.kind is MediaKind.MASK:
        return "White where it applies."
    views = {
        consumer.input
        for place in wiring.consumers(loader.place.node)
        for consumer in (place, *wiring.consumers(place.node))
        if consumer.input in _VIEWS
    }
    return f"Seen from the {min(views)}." if views else _SAID.get(loader.role or "", "")


def _roles(groups: Mapping[str, list[Loader]]) -> dict[str, str | None]:
    """A role that several have tells none of them apart; then they are numbered."""
    roles = {key: next((one.role for one in group if one.role), None) for key, group in groups.items()}
    often = {role for role in roles.values() if list(roles.values()).count(role) > 1}
    return {key: None if role in often else role for key, role in roles.items()}


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
    if name == "BatchImagesNode":
        return _role_in_film(wiring, place)
    if name == "LTXVAddGuide" and place.input == "image":
        return _role_of_frame(wiring.value(Place(place.node, "frame_idx")))
    if "mask" in place.input.lower():
        return None
    return ROLES.get(place.input) or _ROLE_OF_CLASS.get(name)


def _role_in_film(wiring: Wiring, place: Place) -> str | None:
    """Pictures at both ends of a control film with something between them are its first and its last frame."""
    members = [one.input for one, _ in wiring.linked(place.node)]
    controls = any(ROLES.get(consumer.input) == "control" for consumer in wiring.consumers(place.node))
    if not controls or len(members) < 3:
        return None
    return {members[0]: "start_image", members[-1]: "end_image"}.get(place.input)


def _role_of_frame(index: Any) -> str | None:
    """A guide stands at a frame: the first, or counted from the end the last."""
    return {0: "start_image", -1: "end_image"}.get(index) if isinstance(index, int) else None


def reads_input(wiring: Wiring, link: Link) -> bool:
    """Whether a loader alone stands behind an output."""
    return _upload(wiring, link.node) is not None
