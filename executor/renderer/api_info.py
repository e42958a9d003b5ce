"""Routes that tell what this server is and has: /system_stats, /features, /object_info, /models, /embeddings."""

from __future__ import annotations

import os
import sys
from typing import Any

from aiohttp import web

from .config import PROTOCOL_VERSION, VERSION, Config
from .nodes.registry import Registry

_KINDS = """
checkpoints configs loras vae text_encoders diffusion_models clip_vision style_models embeddings diffusers vae_approx
controlnet gligen upscale_models custom_nodes hypernetworks photomaker classifiers model_patches audio_encoders
"""
MODEL_KINDS = _KINDS.split()


def features(config: Config) -> dict[str, Any]:
    """What is told at /features and in answer to a client's feature flags."""
    return {"supports_preview_metadata": True, "max_upload_size": config.max_upload_bytes}


class InfoRoutes:
    def __init__(self, config: Config, registry: Registry) -> None:
        self._config, self._registry = config, registry

    def table(self) -> list[web.RouteDef]:
        return [
            web.get("/system_stats", self._system_stats),
            web.get("/features", self._features),
            web.get("/object_info", self._all_nodes),
            web.get("/object_info/{name}", self._one_node),
            web.get("/models", self._model_kinds),
            web.get("/models/{kind}", self._models),
            web.get("/embeddings", self._embeddings),
        ]

    async def _system_stats(self, request: web.Request) -> web.Response:
        total, free = memory()
        system = {
            "os": os.name,
            "ram_total": total,
            "ram_free": free,
            "comfyui_version": PROTOCOL_VERSION,
            "required_frontend_version": "",
            "installed_templates_version": None,
            "required_templates_version": "",
            "python_version": sys.version,
            "pytorch_version": "",
            "embedded_python": False,
            "argv": ["executor.renderer"],
            "stationthis_renderer": VERSION,
        }
        device = {
            "name": "cpu",
            "type": "cpu",
            "index": None,
            "vram_total": total,
            "vram_free": free,
            "torch_vram_total": total,
            "torch_vram_free": free,
        }
        return web.json_response({"system": system, "devices": [device]})

    async def _features(self, request: web.Request) -> web.Response:
        return web.json_response(features(self._config))

    async def _all_nodes(self, request: web.Request) -> web.Response:
        return web.json_response(self._registry.all_info())

    async def _one_node(self, request: web.Request) -> web.Response:
        return web.json_response(self._registry.info(request.match_info["name"]))

    async def _model_kinds(self, request: web.Request) -> web.Response:
        return web.json_response(MODEL_KINDS)

    async def _models(self, request: web.Request) -> web.Response:
        kind = request.match_info["kind"]
        if kind not in MODEL_KINDS:
            raise web.HTTPNotFound
        known = {
            "checkpoints": self._config.checkpoints,
            "loras": self._config.loras,
            "upscale_models": self._config.upscalers,
        }
        return web.json_response(list(known.get(kind, ())))

    async def _embeddings(self, request: web.Request) -> web.Response:
        return web.json_response([])


def memory() -> tuple[int, int]:
    """Bytes of memory: total and free. Zero where the system does not say."""
    try:
        page = os.sysconf("SC_PAGE_SIZE")
        return page * os.sysconf("SC_PHYS_PAGES"), page * os.sysconf("SC_AVPHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return 0, 0
