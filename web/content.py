"""The bytes of an asset: right type, ranges, caching for ever, and nothing in them that could run."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse

from executor.errors import AssetNotFound
from executor.model import Asset
from executor.protocols import Assets
from web.errors import RangeNotSatisfiable
from web.problems import problem_response

POLICY = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox"
_RANGES = re.compile(r"bytes=\s*(?:\d+-\d*|-\d+)(?:\s*,\s*(?:\d+-\d*|-\d+))*\s*")


async def content(
    request: Request, asset: Asset, assets: Assets, *, download: bool, handle: str | None, cache: bool = True
) -> Response:
    """The answer for an asset that the caller may see. A missing file is AssetNotFound."""
    path = assets.local(asset)
    if path is not None and not path.is_file():
        raise AssetNotFound
    headers = _headers(asset, download_name(asset, handle) if download else None)
    if not cache:
        headers["Cache-Control"] = "private, no-store"
    if _has_it(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    wanted = request.headers.get("range")
    if wanted is not None and request.headers.get("if-range", headers["ETag"]) != headers["ETag"]:
        _ignore_range(request)
        wanted = None
    if wanted is not None and _beyond(wanted, asset.bytes):
        response = problem_response(RangeNotSatisfiable(bytes=asset.bytes))
        response.headers["Content-Range"] = f"bytes */{asset.bytes}"
        return response
    if wanted is not None and not _readable(wanted):
        _ignore_range(request)
        wanted = None
    if path is None:
        return await _from_afar(request, asset, assets, headers, wanted)
    return FileResponse(path, headers=headers, media_type=_typed(asset))


def thumbnail(request: Request, asset: Asset, picture: bytes) -> Response:
    """The small picture of an asset that the caller owns."""
    headers = {**_headers(asset, None), "ETag": f'"{asset.sha256}-small"'}
    if _has_it(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    media_type = "image/png" if picture.startswith(b"\x89PNG") else "image/jpeg"
    return Response(picture, headers=headers, media_type=media_type)


def download_name(asset: Asset, handle: str | None) -> str:
    """`stationthis-A2.png`: by its handle where it has one, else by the end of its id."""
    return f"stationthis-{handle or asset.id[-8:]}.{asset.ending}"


async def _from_afar(
    request: Request, asset: Asset, assets: Assets, headers: dict[str, str], wanted: str | None
) -> Response:
    """Passed through piece by piece. One range is served; several at once may be answered with everything, and are."""
    start, end, status = 0, asset.bytes, 200
    bounds = _bounds(wanted) if wanted is not None else []
    if len(bounds) == 1:
        start, end = _span(*bounds[0], asset.bytes)
        headers, status = {**headers, "Content-Range": f"bytes {start}-{end - 1}/{asset.bytes}"}, 206
    headers = {**headers, "Content-Length": str(end - start), "Accept-Ranges": "bytes"}
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers, media_type=_typed(asset))
    blocks = assets.read(asset, start, end)
    first = await anext(blocks, b"")  # before anything is promised: what is missing is a 404
    return StreamingResponse(_on(first, blocks), status, headers, media_type=_typed(asset))


async def _on(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for block in rest:
        yield block


def _span(first: str, last: str, size: int) -> tuple[int, int]:
    """From the first byte up to, not including, the last."""
    if not first:
        return max(0, size - int(last)), size
    return int(first), min(int(last) + 1, size) if last else size


def _typed(asset: Asset) -> str:
    return "text/plain; charset=utf-8" if asset.media_type == "text/plain" else asset.media_type


def _headers(asset: Asset, name: str | None) -> dict[str, str]:
    headers = {
        "ETag": f'"{asset.sha256}"',
        "Cache-Control": "private, max-age=31536000, immutable",
        "Content-Security-Policy": POLICY,
    }
    return headers if name is None else {**headers, "Content-Disposition": f'attachment; filename="{name}"'}


def _has_it(request: Request, etag: str) -> bool:
    known = [part.strip().removeprefix("W/") for part in request.headers.get("if-none-match", "").split(",")]
    return etag in known or "*" in known


def _readable(wanted: str) -> bool:
    """Whether it is a list of byte ranges, none of them backwards; anything else must be ignored."""
    if _RANGES.fullmatch(wanted) is None:
        return False
    return all(not last or not first or int(first) <= int(last) for first, last in _bounds(wanted))


def _beyond(wanted: str, size: int) -> bool:
    if not _readable(wanted):
        return False
    return any(
        (first and int(first) >= size) or (not first and int(last) == 0) for first, last in _bounds(wanted)
    )


def _bounds(wanted: str) -> list[tuple[str, str]]:
    pairs = [part.strip().partition("-") for part in wanted.partition("=")[2].split(",")]
    return [(first, last) for first, _, last in pairs]


def _ignore_range(request: Request) -> None:
    request.scope["headers"] = [(name, value) for name, value in request.scope["headers"] if name != b"range"]
