"""Which nodes give what a person gets: the savers, or the previews of a graph that saves nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tools.graph import Graph
from tools.importer.wiring import Link, Place, Wiring
from tools.model import MediaKind

PREFIX = "$filename_prefix"
_SAVES_INSTEAD = {"PreviewImage": ("SaveImage", "images"), "PreviewAudio": ("SaveAudio", "audio")}
"""A preview keeps its file among the temporary ones: the saver that makes the same file, and its input."""
_RATE_SLOT = 2
"""The output slot of GetVideoComponents with the pictures a second."""
_COMPARES = {"ImageCompare"}
"""Shows two pictures beside each other and makes none."""
_MAIN = (
    MediaKind.MODEL3D,
    MediaKind.VIDEO,
    MediaKind.AUDIO,
    MediaKind.IMAGE,
    MediaKind.MASK,
    MediaKind.TEXT,
)
"""What a graph is for, where it makes several: a picture beside a film is a by-product."""
_MESHES = ("MESH", "FILE_3D", "SPLAT", "VOXEL")


@dataclass(frozen=True)
class Output:
    """A port and the node that makes it."""

    port: str
    kind: MediaKind
    node: str


def find_outputs(graph: Graph, info: Mapping[str, Any]) -> list[Output]:
    """The outputs, the main one first. Changes the graph: previews that are all there is become savers."""
    wiring = Wiring(graph, info)
    ends = [node for node in graph if _is_end(wiring, node)]
    saving = [node for node in ends if _saves(graph, node)]
    chosen = saving or [_saver(graph, wiring, node) for node in ends]
    wiring = Wiring(graph, info)
    chosen = [node for node in chosen if not _sets_beside(wiring, node, chosen)]
    found = [(node, kind) for node in chosen if (kind := _kind(wiring, node)) is not None]
    found.sort(key=lambda pair: (_MAIN.index(pair[1]), -len(wiring.ancestors(pair[0]))))
    return _named(found)


def _named(found: list[tuple[str, MediaKind]]) -> list[Output]:
    counts: dict[MediaKind, int] = {}
    outputs = []
    for node, kind in found:
        counts[kind] = counts.get(kind, 0) + 1
        port = kind.value if counts[kind] == 1 else f"{kind.value}_{counts[kind]}"
        outputs.append(Output(port, kind, node))
    return outputs


def _is_end(wiring: Wiring, node: str) -> bool:
    """A saver, or a preview that nothing else uses, of more than what was brought."""
    if not wiring.is_output(node) or wiring.class_of(node) in _COMPARES:
        return False
    if wiring.consumers(node) and not _saves(wiring.graph, node):
        return False
    above = wiring.ancestors(node) - {node}
    return any(wiring.linked(source) for source in above) or any(_makes(wiring, source) for source in above)


def _saves(graph: Graph, node: str) -> bool:
    return "filename_prefix" in graph[node]["inputs"]


def _sets_beside(wiring: Wiring, node: str, others: list[str]) -> bool:
    """Whether a saver only shows what another one saved beside what was brought."""
    above = wiring.ancestors(node) - {node}
    return bool(above & set(others)) and any(wiring.class_of(one) == "ImageStitch" for one in above)


def _makes(wiring: Wiring, node: str) -> bool:
    """Without links of its own, only a loader can feed an output; one that loads no upload makes something."""
    specs = (wiring.spec(place) for place in wiring.inputs(node))
    return not any(key.endswith("_upload") for spec in specs if spec for key in spec.options)


def _saver(graph: Graph, wiring: Wiring, node: str) -> str:
    """The node itself, made one that saves where there is such a one."""
    name = wiring.class_of(node)
    if name in _SAVES_INSTEAD:
        saver, slot = _SAVES_INSTEAD[name]
        graph[node] = {
            "class_type": saver,
            "inputs": {slot: graph[node]["inputs"][slot], "filename_prefix": PREFIX},
        }
    elif name == "MaskPreview" and (film := _film_behind(wiring, node)) is not None:
        _save_film(graph, node, film)
    elif name == "MaskPreview":
        graph[f"{node}:picture"] = {
            "class_type": "MaskToImage",
            "inputs": {"mask": graph[node]["inputs"]["mask"]},
        }
        graph[node] = {
            "class_type": "SaveImage",
            "inputs": {"images": [f"{node}:picture", 0], "filename_prefix": PREFIX},
        }
    elif name == "Preview3D" and wiring.link(Place(node, "model_file")) is not None:
        graph[node] = {
            "class_type": "SaveGLB",
            "inputs": {"mesh": graph[node]["inputs"]["model_file"], "filename_prefix": PREFIX},
        }
    return node


def _film_behind(wiring: Wiring, node: str) -> str | None:
    """The node that takes a film apart, if what is shown was made of its frames."""
    above = sorted(wiring.ancestors(node))
    return next((one for one in above if wiring.class_of(one) == "GetVideoComponents"), None)


def _save_film(graph: Graph, node: str, film: str) -> None:
    """Masks of a film become a film, as fast as it was."""
    graph[f"{node}:frames"] = {
        "class_type": "MaskToImage",
        "inputs": {"mask": graph[node]["inputs"]["mask"]},
    }
    graph[f"{node}:film"] = {
        "class_type": "CreateVideo",
        "inputs": {"images": [f"{node}:frames", 0], "fps": [film, _RATE_SLOT]},
    }
    graph[node] = {
        "class_type": "SaveVideo",
        "inputs": {
            "video": [f"{node}:film", 0],
            "filename_prefix": PREFIX,
            "format": "auto",
            "format.codec": "auto",
        },
    }


def _kind(wiring: Wiring, node: str) -> MediaKind | None:
    """By the type of what is saved; pictures saved with a rate are a film, and a mask made visible is a mask."""
    for place, link in wiring.linked(node):
        spec = wiring.spec(place)
        kind = _of_type(wiring.type_of(link)) or (_of_type(spec.type) if spec else None)
        if kind is MediaKind.IMAGE and "fps" in wiring.graph[node]["inputs"]:
            return MediaKind.VIDEO
        if kind is MediaKind.IMAGE and wiring.class_of(link.node) == "MaskToImage":
            return MediaKind.MASK
        if kind is not None and place.input not in ("camera_info", "bg_image"):
            return kind
    return MediaKind.TEXT if wiring.class_of(node) == "PreviewAny" else None


def _of_type(name: str) -> MediaKind | None:
    if any(part in name for part in _MESHES):
        return MediaKind.MODEL3D
    plain = {
        "IMAGE": MediaKind.IMAGE,
        "VIDEO": MediaKind.VIDEO,
        "AUDIO": MediaKind.AUDIO,
        "MASK": MediaKind.MASK,
    }
    return plain.get(name) or {"STRING": MediaKind.TEXT, "SVG": MediaKind.IMAGE}.get(name)


def media_kind(wiring: Wiring, link: Link) -> MediaKind | None:
    """What kind of media an output is, if any."""
    kind = _of_type(wiring.type_of(link))
    return None if kind is MediaKind.TEXT else kind
