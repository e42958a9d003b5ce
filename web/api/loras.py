"""`/loras` and `/models`: what may be loaded, and what people bring."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import JSONResponse, Response

from tools.loras.model import Lora
from tools.registry.shelves import ModelShelf
from web.api.docs import READ, WRITE, Once
from web.auth import Reader, Writer
from web.idempotency import OnceRoute
from web.paths import PathId
from web.registry_shapes import LoraChange, LoraShape, ModelShape, NewLora, NewModel
from web.shapes import Listed
from web.state import StudioNow

router = APIRouter(prefix="/api/v1", tags=["models"], route_class=OnceRoute)
_Words = Annotated[str, Query(max_length=200, description="Only entries that hold all these words.")]
_Limit = Annotated[int, Query(ge=1, le=1000)]


@router.get("/loras", response_model=Listed[LoraShape], responses=READ)
async def list_loras(studio: StudioNow, account: Reader, q: _Words = "", limit: _Limit = 100) -> Response:
    """What the account may use, its own first."""
    found = await studio.loras.search(q, account.id)
    return JSONResponse({"items": [_shape(lora) for lora in found[:limit]], "next": None})


@router.post("/loras", status_code=201, response_model=LoraShape, responses=WRITE, dependencies=[Once])
async def add_lora(studio: StudioNow, account: Writer, body: NewLora) -> Response:
    """A LoRA for this account alone."""
    made = await studio.loras.add(body.model_dump(exclude_none=True), account.id, account.tier)
    return JSONResponse(_shape(made), 201)


@router.patch("/loras/{lora_id}", response_model=LoraShape, responses=WRITE)
async def change_lora(studio: StudioNow, account: Writer, lora_id: PathId, body: LoraChange) -> Response:
    """Other facts about one's own LoRA."""
    changed = await studio.loras.change(lora_id, body.model_dump(exclude_none=True), account.id)
    return JSONResponse(_shape(changed))


@router.post("/loras/{lora_id}/publish", response_model=LoraShape, responses=WRITE, dependencies=[Once])
async def publish_lora(studio: StudioNow, account: Writer, lora_id: PathId) -> Response:
    """Ask that everybody may use it. An admin decides."""
    return JSONResponse(_shape(await studio.loras.publish(lora_id, account.id)))


@router.delete("/loras/{lora_id}", status_code=204, responses=WRITE)
async def remove_lora(studio: StudioNow, account: Writer, lora_id: PathId) -> Response:
    """One's own LoRA goes from the list, and from everybody's where it was public."""
    await studio.loras.remove(lora_id, account.id)
    return Response(status_code=204)


@router.get("/models", response_model=Listed[ModelShape], responses=READ)
async def list_models(studio: StudioNow, account: Reader, q: _Words = "", limit: _Limit = 100) -> Response:
    """Weight files, the most used first."""
    models = await ModelShelf(studio.registrations).all(account.id)
    found = sorted((model for model in models if model.holds(q)), key=lambda model: (-model.popularity, model.id))
    return JSONResponse({"items": [model.model_dump(mode="json") for model in found[:limit]], "next": None})


@router.post("/models", status_code=201, response_model=ModelShape, responses=WRITE, dependencies=[Once])
async def propose_model(studio: StudioNow, account: Writer, body: NewModel) -> Response:
    """Propose a weight file by its address."""
    facts = body.model_dump(exclude={"url"})
    _, model = await ModelShelf(studio.registrations).add(body.url, account.id, facts, account.tier)
    return JSONResponse(model.model_dump(mode="json"), 201)


def _shape(lora: Lora) -> dict[str, object]:
    return {**lora.model_dump(mode="json", exclude={"owner"}), "own": lora.owner is not None}
