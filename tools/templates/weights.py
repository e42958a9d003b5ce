"""Which weight files a template needs, where they go and where they come from.

The nodes' own list (`properties.models`) has the addresses; what the graph loads decides what is needed, so that a
switched-off branch asks for nothing and no file that a loader names is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from tools.model import ModelFile
from tools.templates import nodes, sizes
from tools.templates.package import Template
from tools.templates.sizes import FileSize

ENDINGS = (".safetensors", ".ckpt", ".pt", ".pth", ".gguf", ".bin", ".sft", ".onnx")

#: Input of a loader -> folder of `models`, where the name of the input alone says it.
_BY_INPUT = {
    "ckpt_name": "checkpoints", "unet_name": "diffusion_models", "vae_name": "vae", "lora_name": "loras",
    "clip_name": "text_encoders", "clip_name1": "text_encoders", "clip_name2": "text_encoders",
    "clip_name3": "text_encoders", "clip_name4": "text_encoders", "text_encoder": "text_encoders",
    "control_net_name": "controlnet", "style_model_name": "style_models", "audio_encoder_name": "audio_encoders",
    "bg_removal_name": "background_removal", "photomaker_model_name": "photomaker", "gligen_name": "gligen",
}  # fmt: skip
#: Loader -> folder, where the input is called just `name` or `model_name`, or means something else.
_BY_CLASS = {
    "CLIPVisionLoader": "clip_vision", "ModelPatchLoader": "model_patches", "UpscaleModelLoader": "upscale_models",
    "LatentUpscaleModelLoader": "latent_upscale_models", "LoadMoGeModel": "geometry_estimation",
    "LoadDA3Model": "geometry_estimation", "FrameInterpolationModelLoader": "frame_interpolation",
    "OpticalFlowLoader": "optical_flow",
}  # fmt: skip


@dataclass(frozen=True)
class Sources:
    """What all templates together know of files: a template that forgets an address may find it in another one."""

    addresses: Mapping[str, tuple[ModelFile, ...]]
    """File name -> its forms, with folder and address, the one whose address ends with the name first."""
    sizes: Mapping[str, FileSize] = field(default_factory=dict)


def sources(templates: Sequence[Template]) -> Sources:
    """Read once over the whole package."""
    addresses: dict[str, list[ModelFile]] = {}
    for template in templates:
        for entry in _entries(template):
            known = addresses.setdefault(entry.file, [])
            if entry not in known:
                known.append(entry)
    known_sizes = sizes.from_notes(note for template in templates for note in nodes.notes(template.ui))
    totals = [(t.entry.get("size") or 0, _files(t)) for t in templates]
    known_sizes |= sizes.from_totals(known_sizes, [(total, files) for total, files in totals if total])
    ordered = {name: tuple(sorted(known, key=_misnamed)) for name, known in addresses.items()}
    return Sources(ordered, known_sizes)


def needed(
    template: Template, graph: Mapping[str, Any] | None, known: Sources, outputs: Iterable[str] = ()
) -> tuple[ModelFile, ...]:
    """The files that the graph's part before these output nodes loads; without a graph, those of the active nodes."""
    wanted: Iterable[tuple[str, str | None]] = (
        ((m.file, m.folder) for m in _of_nodes(nodes.active(template.ui))) if graph is None else _loaded(graph, outputs)
    )
    own = {entry.file: entry for entry in sorted(_entries(template), key=_misnamed, reverse=True)}
    found = [_complete(name, folder, own, known) for name, folder in wanted]
    return tuple(dict.fromkeys(found))


def _loaded(graph: Mapping[str, Any], outputs: Iterable[str]) -> Iterator[tuple[str, str | None]]:
    for node_id in ancestors(graph, outputs):
        node = graph[node_id]
        for name, value in node["inputs"].items():
            if isinstance(value, str) and value.endswith(ENDINGS):
                yield value, _BY_CLASS.get(node["class_type"], _BY_INPUT.get(name))


def ancestors(graph: Mapping[str, Any], outputs: Iterable[str]) -> list[str]:
    """Ids of these nodes and of all that reaches them, nearest first; all nodes when none is named."""
    found = list(dict.fromkeys(outputs)) or list(graph)
    seen = set(found)
    for node_id in found:
        for value in graph[node_id]["inputs"].values():
            if isinstance(value, list) and len(value) == 2 and value[0] in graph and value[0] not in seen:
                seen.add(value[0])
                found.append(value[0])
    return found


def _complete(name: str, folder: str | None, own: Mapping[str, ModelFile], known: Sources) -> ModelFile:
    elsewhere = known.addresses.get(name, ())
    choices = [*([own[name]] if name in own else []), *elsewhere]
    entry = next((e for e in choices if e.folder == folder), choices[0] if choices else None)
    plain = name.replace("\\", "/")
    model = entry or ModelFile(file=plain, folder=folder or "checkpoints")
    if folder is not None:
        model = model.model_copy(update={"folder": folder})
    size = known.sizes.get(name) or sizes.from_name(plain, model.folder)
    if size is None:
        return model
    return model.model_copy(update={"bytes": size.bytes, "estimated": size.estimated})


def _files(template: Template) -> frozenset[str]:
    return frozenset(entry.file for entry in _of_nodes(nodes.active(template.ui)))


def _entries(template: Template) -> Iterator[ModelFile]:
    return _of_nodes(nodes.every(template.ui))


def _of_nodes(found: Iterable[nodes.Node]) -> Iterator[ModelFile]:
    for node in found:
        for entry in (node.get("properties") or {}).get("models") or ():
            yield _entry(entry)


def _entry(entry: Mapping[str, str]) -> ModelFile:
    url = entry["url"].partition("?")[0]
    licence, gated = _terms(url)
    sha256 = entry["hash"] if entry.get("hash_type", "").upper() == "SHA256" else None
    return ModelFile(
        file=entry["name"], folder=entry["directory"], url=url, sha256=sha256, licence=licence, gated=gated
    )


def _misnamed(model: ModelFile) -> bool:
    """Whether the address is that of another file: a slip of the authors that happens."""
    return not (model.url or "").endswith("/" + model.file.rpartition("/")[2])


def _terms(url: str) -> tuple[str | None, bool]:
    repository = "/".join(url.split("/")[3:5])
    found = _repositories().get(repository, {})
    return found.get("licence"), bool(found.get("gated"))


@cache
def _repositories() -> dict[str, dict[str, Any]]:
    import yaml

    text = (resources.files("tools") / "templates" / "repositories.yaml").read_text(encoding="utf-8")
    return {entry["repository"]: entry for entry in yaml.safe_load(text)}
