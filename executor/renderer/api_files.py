"""Routes for files: /view, /upload/image, /upload/mask."""

from __future__ import annotations

import asyncio
import io
import json
import mimetypes
from pathlib import Path
from typing import Any
from urllib.parse import quote

import PIL.Image
from aiohttp import web
from PIL.PngImagePlugin import PngInfo

from .api_jobs import crash
from .files import Folders, OutsideFolder, annotated, inside, store_upload

_RISKY = {
    "text/html",
    "text/html-sandboxed",
    "application/xhtml+xml",
    "text/javascript",
    "text/css",
    "image/svg+xml",
}
_OVERWRITE = {"true", "1"}


class FileRoutes:
    def __init__(self, folders: Folders) -> None:
        self._folders = folders

    def table(self) -> list[web.RouteDef]:
        return [
            web.get("/view", self._view),
            web.post("/upload/image", self._upload_image),
            web.post("/upload/mask", self._upload_mask),
        ]

    async def _view(self, request: web.Request) -> web.StreamResponse:
        path = self._wanted(dict(request.query))
        if "preview" in request.query or request.query.get("channel", "rgba") != "rgba":
            render = _preview if "preview" in request.query else _channel
            try:
                body, kind = await asyncio.to_thread(render, path, dict(request.query))
            except (OSError, ValueError) as error:
                raise crash() from error
            return web.Response(body=body, content_type=kind, headers=_disposition(path.name))
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        safe = "application/octet-stream" if kind in _RISKY else kind
        return web.FileResponse(path, headers={"Content-Type": safe, **_disposition(path.name)})

    def _wanted(self, query: dict[str, str]) -> Path:
        """The file a query names, or the status that says what is wrong with it."""
        if "filename" not in query:
            raise web.HTTPNotFound
        name, kind = annotated(query["filename"])
        if not name or name.startswith("/") or ".." in name:
            raise web.HTTPBadRequest(text="")
        try:
            folder = self._folders.of(kind or query.get("type", "output"))
        except KeyError as error:
            raise web.HTTPBadRequest(text="") from error
        try:
            path = inside(inside(folder, query.get("subfolder", "")), Path(name).name)
        except OutsideFolder as error:
            raise web.HTTPForbidden(text="") from error
        if not path.is_file() or not path.resolve().is_relative_to(folder.resolve()):
            raise web.HTTPNotFound
        return path

    async def _upload_image(self, request: web.Request) -> web.Response:
        return await self._upload(await _form(request), _store_plain)

    async def _upload_mask(self, request: web.Request) -> web.Response:
        form = await _form(request)
        return await self._upload(form, _MaskStore(self._reference(form)))

    def _reference(self, form: Any) -> Path:
        try:
            wanted = json.loads(str(form["original_ref"]))
        except (KeyError, ValueError) as error:
            raise crash() from error
        if not isinstance(wanted, dict):
            raise crash()
        return self._wanted({key: str(value) for key, value in wanted.items()})

    async def _upload(self, form: Any, store: Any) -> web.Response:
        image = form.get("image")
        if image is None:
            raise web.HTTPBadRequest(text="")
        kind, subfolder = str(form.get("type", "input")), str(form.get("subfolder", ""))
        if not isinstance(image, web.FileField) or kind not in ("input", "temp", "output"):
            raise crash()
        if not image.filename:
            raise web.HTTPBadRequest(text="")
        overwrite = form.get("overwrite") in _OVERWRITE
        try:
            name = await asyncio.to_thread(store, self._folders.of(kind), subfolder, image, overwrite)
        except OutsideFolder as error:
            raise web.HTTPBadRequest(text="") from error
        except (OSError, ValueError) as error:
            raise crash() from error
        return web.json_response({"name": name, "subfolder": subfolder, "type": kind})


class _MaskStore:
    """Stores a picture whose alpha is that of the upload."""

    def __init__(self, reference: Path) -> None:
        self._reference = reference

    def __call__(self, folder: Path, subfolder: str, image: web.FileField, overwrite: bool) -> str:
        inside(folder, subfolder, image.filename)
        with PIL.Image.open(self._reference) as original, PIL.Image.open(image.file) as mask:
            info = PngInfo()
            for key, value in getattr(original, "text", {}).items():
                info.add_text(key, value)
            merged = original.convert("RGBA")
            merged.putalpha(mask.convert("RGBA").getchannel("A"))
        body = io.BytesIO()
        merged.save(body, "PNG", compress_level=4, pnginfo=info)
        return store_upload(folder, subfolder, image.filename, body, overwrite)


def _store_plain(folder: Path, subfolder: str, image: web.FileField, overwrite: bool) -> str:
    return store_upload(folder, subfolder, image.filename, image.file, overwrite)


async def _form(request: web.Request) -> Any:
    try:
        return await request.post()
    except ValueError as error:
        raise web.HTTPBadRequest(text="") from error


def _disposition(name: str) -> dict[str, str]:
    plain = quote(name, safe=" !#$&'()+,;=@[]^`{}~%")
    return {"Content-Disposition": f'filename="{plain}"'}


def _preview(path: Path, query: dict[str, str]) -> tuple[bytes, str]:
    kind, _, quality = query["preview"].partition(";")
    kind = "jpeg" if kind == "jpeg" else "webp"
    with PIL.Image.open(path) as image:
        plain = kind == "jpeg" or query.get("channel") == "rgb"
        shown = image.convert("RGB") if plain else image.convert("RGBA" if "A" in image.getbands() else "RGB")
    body = io.BytesIO()
    shown.save(body, kind, quality=int(quality) if quality.isdigit() else 90)
    return body.getvalue(), f"image/{kind}"


def _channel(path: Path, query: dict[str, str]) -> tuple[bytes, str]:
    with PIL.Image.open(path) as image:
        shown = _alpha_only(image) if query["channel"] == "a" else image.convert("RGB")
    body = io.BytesIO()
    shown.save(body, "PNG")
    return body.getvalue(), "image/png"


def _alpha_only(image: PIL.Image.Image) -> PIL.Image.Image:
    shown = PIL.Image.new("RGBA", image.size)
    shown.putalpha(image.getchannel("A") if image.mode == "RGBA" else PIL.Image.new("L", image.size, 255))
    return shown
