"""`/workflows`: ComfyUI workflows that people bring; `/shared/workflows`: what somebody gave the link of."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import JSONResponse, Response

from accounts.model import Account
from agent.protocols import Studio
from base.errors import Reportable
from tools.errors import WorkflowTooLarge
from tools.model import SourceKind
from tools.shelf.model import Item, Visibility
from tools.workflows.kept import kept_of
from tools.workflows.reading import MAX_FILE
from web.api.docs import READ, WRITE, Once, problems
from web.auth import Reader, Writer
from web.idempotency import OnceRoute, UploadOnceRoute
from web.paging import Paged
from web.paths import PathId
from web.shapes import Listed
from web.state import StudioNow
from web.uploads import FilePart
from web.workflow_answers import drafted, head, versions, whole
from web.workflow_shapes import (
    DraftShape,
    FileDraft,
    NewDraft,
    NewWorkflow,
    WorkflowChange,
    WorkflowChanges,
    WorkflowCopy,
    WorkflowHead,
    WorkflowShape,
    WorkflowSharing,
    WorkflowVersion,
    WorkflowVisibility,
)

router = APIRouter(prefix="/api/v1/workflows", tags=["workflows"], route_class=OnceRoute)
files = APIRouter(prefix="/api/v1/workflows", tags=["workflows"], route_class=UploadOnceRoute)
shared = APIRouter(prefix="/api/v1/shared/workflows", tags=["workflows"], route_class=OnceRoute)
LINK = "/api/v1/shared/workflows/"
_PART = {
    "type": "object", "required": ["file"], "properties": {"file": {"type": "string", "format": "binary"}},
}  # fmt: skip
_FILE = {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _PART}}}}


@router.post("/draft", response_model=DraftShape, responses=WRITE, dependencies=[Once])
async def draft_workflow(studio: StudioNow, account: Writer, body: NewDraft) -> Response:
    """What a workflow would be as a tool: what it takes and gives, what may be set, what it needs, what speaks against it.
    Nothing is kept."""
    found = await studio.workflows.draft(body.workflow, body.title, body.object_info)
    return JSONResponse(drafted(studio, found))


@files.post(
    "/draft/file", response_model=FileDraft, responses=WRITE, dependencies=[Once], openapi_extra=_FILE
)
async def draft_file(request: Request, studio: StudioNow, account: Writer) -> Response:
    """The same for a file, as the multipart part `file`: JSON, or a picture, sound or film that ComfyUI saved (to 32 MB). The
    answer holds the `workflow` that was in it, to be kept with POST /workflows."""
    part, data = FilePart(request), bytearray()
    try:
        await part.open()
        async for chunk in part.chunks():
            data += chunk
            if len(data) > MAX_FILE:
                raise WorkflowTooLarge(f"A file has at most {MAX_FILE} bytes.", maximum=MAX_FILE)
    except Reportable:
        await part.drain(2 * MAX_FILE)
        raise
    request.state.upload_digest = part.digest
    workflow = await studio.workflows.read(bytes(data))
    return JSONResponse({**drafted(studio, await studio.workflows.draft(workflow)), "workflow": workflow})


@router.get("", response_model=Listed[WorkflowHead], responses=READ)
async def list_workflows(
    studio: StudioNow, account: Reader, page: Paged,
    public: Annotated[bool, Query(description="What everybody may use, instead of one's own.")] = False,
) -> Response:  # fmt: skip
    """Own workflows, the newest first. (`GET /tools?q=` finds them by words, among everything else.)"""
    if public:
        found, following = await studio.shelf.public(SourceKind.WORKFLOW, page.after, page.limit)
    else:
        found, following = await studio.shelf.page(account.id, SourceKind.WORKFLOW, page.after, page.limit)
    return page.answer([head(studio, item, account) for item in found], following)


@router.post("", status_code=201, response_model=WorkflowShape, responses=WRITE, dependencies=[Once])
async def keep_workflow(studio: StudioNow, account: Writer, body: NewWorkflow) -> Response:
    """Keep a workflow as a private tool, with one's own title, words, names and ranges."""
    item = await studio.workflows.add(account.id, body.workflow, _changes(body), body.object_info)
    return _made(studio, item, account)


@router.get("/{workflow_id}", response_model=WorkflowShape, responses=READ)
async def get_workflow(
    studio: StudioNow, account: Reader, workflow_id: PathId,
    version: Annotated[int | None, Query(ge=1, le=999_999, description="The newest when left out.")] = None,
) -> Response:  # fmt: skip
    """One of one's own, or one that is public."""
    return JSONResponse(whole(studio, await _workflow(studio, account, workflow_id, version), account))


@router.patch("/{workflow_id}", response_model=WorkflowShape, responses=WRITE)
async def change_workflow(studio: StudioNow, account: Writer, workflow_id: PathId, body: WorkflowChange) -> Response:
    """A new version with these parts instead. Old versions stay. What was public waits for the operator again."""
    item = await studio.workflows.change(workflow_id, account.id, _changes(body), body.note, body.workflow)
    return JSONResponse(whole(studio, item, account))


@router.delete("/{workflow_id}", status_code=204, responses=WRITE)
async def delete_workflow(studio: StudioNow, account: Writer, workflow_id: PathId) -> Response:
    """Delete it with all its versions and its link."""
    await _workflow(studio, account, workflow_id)
    await studio.shelf.delete(workflow_id, account.id)
    return Response(status_code=204)


@router.get("/{workflow_id}/versions", response_model=Listed[WorkflowVersion], responses=READ)
async def list_workflow_versions(studio: StudioNow, account: Reader, workflow_id: PathId) -> Response:
    """Every version of an own workflow, the newest first."""
    await _workflow(studio, account, workflow_id)
    return JSONResponse({"items": versions(await studio.shelf.versions(workflow_id, account.id)), "next": None})


@router.post("/{workflow_id}/share", response_model=WorkflowVisibility, responses=WRITE, dependencies=[Once])
async def share_workflow(studio: StudioNow, account: Writer, workflow_id: PathId, body: WorkflowSharing) -> Response:
    """Say who may see and copy it. A link ends with any other visibility; `public` begins when the operator agrees."""
    now, token = await studio.workflows.share(workflow_id, account.id, Visibility(body.visibility))
    return JSONResponse({"visibility": now.value, "link": None if token is None else f"{LINK}{token}"})


@router.post("/{workflow_id}/fork", status_code=201, response_model=WorkflowShape, responses=WRITE, dependencies=[Once])
async def fork_workflow(studio: StudioNow, account: Writer, workflow_id: PathId, body: WorkflowCopy) -> Response:
    """A copy of one's own, of an own workflow or a public one."""
    item = await _workflow(studio, account, workflow_id)
    return _made(studio, await studio.workflows.fork(item, account.id, body.title), account)


@router.get("/{workflow_id}/export", response_model=dict[str, Any], responses=READ)
async def export_workflow(studio: StudioNow, account: Reader, workflow_id: PathId) -> Response:
    """What was brought, as it was: ComfyUI opens it."""
    return JSONResponse(kept_of(await _workflow(studio, account, workflow_id)).source)


@shared.get("/{token}", response_model=WorkflowShape, responses=problems(404, 422))
async def look_at_shared_workflow(studio: StudioNow, token: str) -> Response:
    """What a link shows: what it takes, gives and needs, and nothing else of its owner's."""
    return JSONResponse(whole(studio, await studio.shelf.by_link(token, SourceKind.WORKFLOW), None))


@shared.post("/{token}/fork", status_code=201, response_model=WorkflowShape, responses=WRITE, dependencies=[Once])
async def fork_shared_workflow(studio: StudioNow, account: Writer, token: str, body: WorkflowCopy) -> Response:
    """Keep a copy of what a link shows."""
    item = await studio.shelf.by_link(token, SourceKind.WORKFLOW)
    return _made(studio, await studio.workflows.fork(item, account.id, body.title), account)


def _changes(body: WorkflowChanges) -> dict[str, Any]:
    """What is said, and nothing for what is left out."""
    return body.model_dump(include=set(WorkflowChanges.model_fields), exclude_unset=True)


async def _workflow(studio: Studio, account: Account, workflow_id: str, version: int | None = None) -> Item:
    return await studio.shelf.get(workflow_id, account.id, version, SourceKind.WORKFLOW)


def _made(studio: Studio, item: Item, account: Account) -> Response:
    return JSONResponse(whole(studio, item, account), 201, {"Location": f"/api/v1/workflows/{item.id}"})
