"""A ComfyUI of the reference version with chosen model files: it tells what it has as the real one does, and refuses what
the real one would refuse. What its output nodes save are small stand-ins of the right kind."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import Any

from aiohttp import web

from executor.comfy.capabilities import SOURCES, choices
from executor.testing import FaultyComfy, Saved
from tests import media
from tools import recorded
from tools.model import Tool
from tools.validation.validating import validate

VERSION = "0.33.0"


class StudioComfy(FaultyComfy):
    """`files` by folder; `StudioComfy.with_files_of(tool)` has just what a tool needs."""

    version = VERSION
    vram_gb = 95.6
    """Of the GPU that it tells of."""

    def __init__(self, files: Mapping[str, Iterable[str]]) -> None:
        super().__init__()
        self.info = _with_files(recorded.reference()[VERSION], files)
        self.refused: list[str] = []
        clip = Saved("images", (("mp4", media.clip(), "video/mp4"),))
        sound = Saved("audio", (("mp3", media.clip("mp3", None, "libmp3lame"), "audio/mpeg"),))
        model = Saved("3d", (("glb", media.glb(), "model/gltf-binary"),))
        self.saves = {"SaveVideo": clip, "SaveAudioMP3": sound, "SaveAudioAdvanced": sound, "SaveGLB": model}

    @classmethod
    def with_files_of(cls, *tools: Tool) -> StudioComfy:
        files: dict[str, set[str]] = {}
        for model in (model for tool in tools for each in tool.implementations for model in each.models):
            files.setdefault(model.folder, set()).add(model.file)
        return cls(files)

    async def _info(self, _: web.Request) -> web.Response:
        return web.json_response(self.info)

    async def _prompt(self, request: web.Request) -> web.Response:
        graph = (await request.json())["prompt"]
        faults = [str(fault) for fault in validate(graph, self.info)] + self._absent(graph)
        if faults:
            self.refused += faults
            error = {"type": "prompt_outputs_failed_validation", "message": "Prompt outputs failed validation"}
            return web.json_response({"error": {**error, "details": "; ".join(faults), "extra_info": {}}}, status=400)
        return await super()._prompt(request)

    def _absent(self, graph: Mapping[str, Any]) -> list[str]:
        """Model files that a loader names and this server does not list."""
        return [
            f"{key}: {node['inputs'][field]} is not listed"
            for key, node in graph.items()
            for kind, field, _ in SOURCES
            if node["class_type"] == kind and node["inputs"].get(field) not in choices(self.info[kind], field)
        ]


def _with_files(info: Mapping[str, Any], files: Mapping[str, Iterable[str]]) -> dict[str, Any]:
    """The reference's nodes with these files in the choices of every loader."""
    told: dict[str, Any] = copy.deepcopy(dict(info))
    for kind, field, folder in SOURCES:
        for group in told.get(kind, {}).get("input", {}).values():
            listed = sorted(files.get(folder, ()))
            if field not in group or not listed:
                continue
            spec = group[field]
            if isinstance(spec[0], list):
                spec[0] = listed
            else:
                spec[1]["options"] = listed
    return told
