"""`/assets`: bring media, list it, look at it, delete it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import JSONResponse, Response

from accounts.model import Account
from agent.protocols import Studio
from base.errors import Reportable
from base.ids import new_id
from executor.model import Asset as StoredAsset
from executor.model import Owner
from web.api.docs import READ, WRITE, Once, problems
from web.auth import Reader, Writer
from web.content import content, thumbnail
from web.idempotency import OnceRoute, UploadOnceRoute
from web.paging import Paged
from web.paths import PathId
from web.problems import problem_response
from web.shapes import Asset, Kind, Link, Listed
from web.state import StudioNow
from web.uploads import FilePart, LastWord, check_length

router = APIRouter(prefix="/api/v1/assets", tags=["assets"], route_class=OnceRoute)
uploads = APIRouter(prefix="/api/v1/assets", tags=["assets"], route_class=UploadOnceRoute)
files = APIRouter(prefix="/api/v1/files", tags=["assets"])
_FILE_SCHEMA = {
    "type": "object",
    "required": ["file"],
    "properties": {"file": {"type": "string", "format": "binary", "description": "One picture, video, sound, 3D model or text."}},
}
_MULTIPART = {"multipart/form-data": {"schema": _FILE_SCHEMA}}
_UPLOAD_BODY = {"requestBody": {"required": True, "content": _MULTIPART}}
_BINARY = {"*/*": {"schema": {"type": "string", "format": "binary"}}}
_BYTES: dict[int | str, dict[str, Any]] = {
    200: {"description": "The bytes.", "content": _BINARY},
    206: {"description": "The bytes of the range.", "content": _BINARY},
    304: {"description": "You have it already."},
}


@uploads.post(
    "", status_code=201, response_model=Asset, responses=WRITE, dependencies=[Once],
    openapi_extra=_UPLOAD_BODY,
)  # fmt: skip
async def upload_asset(request: Request, studio: StudioNow, account: Writer) -> Response:
    """Bring one file as the multipart part `file`: a picture to 50 MB and 100 megapixels, a text to 1 MB, a video, sound or 3D
    model to 2 GB. What it is, its bytes say; what it says of its maker is left behind."""
    part = FilePart(request)
    try:
        check_length(request)
        await part.open()
        owner = Owner(account.id, account.tier, account.scope)
        stored = await studio.assets.upload(part.chunks(), owner=owner, name=part.name, asset_id=new_id())
    except Reportable as error:
        if part.whole:
            raise
        return LastWord(problem_response(error), part)
    request.state.upload_digest = part.digest
    return JSONResponse({**stored.shape(), "handles": []}, 201, {"Location": f"/api/v1/assets/{stored.id}"})


@router.get("", response_model=Listed[Asset], responses=READ)
async def list_assets(
    studio: StudioNow,
    account: Reader,
    page: Paged,
    kind: Annotated[Kind | None, Query(description="Only this kind.")] = None,
    origin: Annotated[
        Literal["upload", "output"] | None, Query(description="Only what came this way.")
    ] = None,
) -> Response:
    """Own assets, the newest first."""
    found, following = await studio.assets.page(
        account.id, kind=kind, origin=origin, after=page.after, limit=page.limit
    )
    return page.answer(await shapes(studio, account, found), following)


@router.get("/{asset_id}", response_model=Asset, responses=READ)
async def get_asset(studio: StudioNow, account: Reader, asset_id: PathId) -> Response:
    """What is known about an asset."""
    found = await studio.assets.get(asset_id, account.id)
    return JSONResponse((await shapes(studio, account, [found]))[0])


@router.head("/{asset_id}/content", include_in_schema=False)
@router.get("/{asset_id}/content", response_class=Response, responses={**READ, **problems(416), **_BYTES})
async def get_content(
    request: Request,
    studio: StudioNow,
    account: Reader,
    asset_id: PathId,
    download: Annotated[bool, Query(description="As a file to keep.")] = False,
) -> Response:
    """The bytes. Ranges are served, and the answer may be cached for ever."""
    asset = await studio.assets.get(asset_id, account.id)
    handles = (await studio.conversations.handles(account.id, [asset_id])).get(asset_id) if download else None
    handle = handles[0]["handle"] if handles else None
    return await content(request, asset, studio.assets, download=download, handle=handle)


@router.get("/{asset_id}/link", response_model=Link, responses=READ)
async def get_link(
    studio: StudioNow, account: Reader, asset_id: PathId,
    seconds: Annotated[int, Query(ge=1, le=604_800, description="How long it works; incognito at most an hour.")] = 3_600,
    download: Annotated[bool, Query(description="As a file to keep.")] = False,
) -> Response:  # fmt: skip
    """A signed URL by which anybody may fetch the bytes for a while, without an account."""
    return JSONResponse({"url": await studio.assets.link(asset_id, account.id, seconds, download=download)})


@router.get("/{asset_id}/thumbnail", response_class=Response, responses={**READ, **problems(416), **_BYTES})
async def get_thumbnail(request: Request, studio: StudioNow, account: Reader, asset_id: PathId) -> Response:
    """A small picture of it, at most 640 pixels: of a video one frame, of a sound its shape. 404 for texts and 3D models."""
    asset = await studio.assets.get(asset_id, account.id)
    return thumbnail(request, asset, await studio.assets.thumbnail(asset))


@router.delete("/{asset_id}", status_code=204, responses=WRITE)
async def delete_asset(studio: StudioNow, account: Writer, asset_id: PathId) -> Response:
    """Delete an asset and its bytes."""
    await studio.assets.delete(asset_id, account.id)
    return Response(status_code=204)


@files.head("/{asset_id}", include_in_schema=False)
@files.get("/{asset_id}", response_class=Response, responses={**problems(404, 410, 416, 422), **_BYTES})
async def get_file(
    request: Request, studio: StudioNow, asset_id: PathId, expires: int = 0,
    download: Annotated[int, Query(ge=0, le=1)] = 0, signature: Annotated[str, Query(max_length=200)] = "",
) -> Response:  # fmt: skip
    """The bytes behind a signed link. One that has run out, is not whole or leads to nothing is 410 `link_over`."""
    asset = await studio.assets.linked(asset_id, expires, download, signature)
    return await content(request, asset, studio.assets, download=bool(download), handle=None, cache=False)


async def shapes(studio: Studio, account: Account, assets: list[StoredAsset]) -> list[dict[str, Any]]:
    """The Asset shapes, with the handles that only conversations know."""
    handles = await studio.conversations.handles(account.id, [asset.id for asset in assets]) if assets else {}
    return [{**asset.shape(), "handles": handles.get(asset.id, [])} for asset in assets]
