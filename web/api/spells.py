"""`/spells`: saved plans with named blanks; `/shared/spells`: what somebody gave the link of."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import JSONResponse, Response

from accounts.model import Account
from agent.protocols import Studio
from base.clock import rfc3339
from tools.model import SourceKind
from tools.shelf.model import Item, Visibility
from tools.spells import exchange
from tools.spells.differing import diff
from tools.spells.kept import spell_of
from tools.spells.model import Spell
from web.api.docs import READ, WRITE, Once, problems
from web.api.runs import ordered
from web.auth import Reader, Writer
from web.bodies import NewSpell, PlainJson, SpellChange, SpellCopy, SpellSharing
from web.idempotency import OnceRoute
from web.paging import Paged
from web.paths import PathId
from web.shapes import Listed
from web.spell_shapes import Sharing, SpellFile, SpellHead, SpellShape, SpellVersion
from web.state import StudioNow

router = APIRouter(prefix="/api/v1/spells", tags=["spells"], route_class=OnceRoute)
shared = APIRouter(prefix="/api/v1/shared/spells", tags=["spells"], route_class=OnceRoute)
LINK = "/api/v1/shared/spells/"


@router.get("", response_model=Listed[SpellHead], responses=READ)
async def list_spells(
    studio: StudioNow, account: Reader, page: Paged,
    public: Annotated[bool, Query(description="What everybody shares, instead of one's own.")] = False,
) -> Response:  # fmt: skip
    """Own spells, the newest first. (`GET /tools?q=` finds them by words, among everything else.)"""
    if public:
        found, following = await studio.shelf.public(SourceKind.SPELL, page.after, page.limit)
    else:
        found, following = await studio.shelf.page(account.id, SourceKind.SPELL, page.after, page.limit)
    return page.answer([head(studio, item, account) for item in found], following)


@router.post("", status_code=201, response_model=SpellShape, responses=WRITE, dependencies=[Once])
async def save_spell(studio: StudioNow, account: Writer, body: NewSpell) -> Response:
    """Save how something was made: all steps since what was brought, its subject left blank. Edit it with PATCH."""
    if body.plan is not None:
        plan = await studio.commissions.plan(account.id, ordered(body.plan))
        spell = await studio.spellbook.of_plan(account.id, plan, body.title, same_seed=body.same_seed)
    else:
        asset_id = body.asset_id or await studio.conversations.asset_of(
            body.conversation_id or "", account.id, body.handle or ""
        )
        spell = await studio.spellbook.of_picture(
            account.id, asset_id, body.title, same_seed=body.same_seed, from_incognito=body.from_incognito
        )
    return _made(studio, await studio.spellbook.add(account.id, spell), account)


@router.post("/import", status_code=201, response_model=SpellShape, responses=WRITE, dependencies=[Once])
async def import_spell(studio: StudioNow, account: Writer, body: PlainJson) -> Response:
    """A file that was exported, as a spell of one's own. Its digest and every step are checked."""
    return _made(studio, await studio.spellbook.brought(account.id, body), account)


@router.get("/{spell_id}", response_model=SpellShape, responses=READ)
async def get_spell(
    studio: StudioNow, account: Reader, spell_id: PathId,
    version: Annotated[int | None, Query(ge=1, le=999_999, description="The newest when left out.")] = None,
) -> Response:  # fmt: skip
    """One of one's own, or one that is public."""
    item = await _spell(studio, account, spell_id, version)
    return JSONResponse(whole(studio, item, account))


@router.patch("/{spell_id}", response_model=SpellShape, responses=WRITE)
async def change_spell(studio: StudioNow, account: Writer, spell_id: PathId, body: SpellChange) -> Response:
    """A new version with these parts instead. Old versions stay, and can be cast."""
    await _spell(studio, account, spell_id)
    changes = body.model_dump(exclude={"note"}, exclude_none=True)
    item = await studio.spellbook.change(spell_id, account.id, changes, body.note)
    return JSONResponse(whole(studio, item, account))


@router.delete("/{spell_id}", status_code=204, responses=WRITE)
async def delete_spell(studio: StudioNow, account: Writer, spell_id: PathId) -> Response:
    """Delete it with all its versions and its link. (Export it first, and an import brings it back.)"""
    await _spell(studio, account, spell_id)
    await studio.shelf.delete(spell_id, account.id)
    return Response(status_code=204)


@router.get("/{spell_id}/versions", response_model=Listed[SpellVersion], responses=READ)
async def list_versions(studio: StudioNow, account: Reader, spell_id: PathId) -> Response:
    """Every version of an own spell, the newest first, with what changed."""
    await _spell(studio, account, spell_id)
    versions = await studio.shelf.versions(spell_id, account.id)
    spells: list[Spell] = [spell_of(item) for item in versions]
    items = [
        {
            "version": item.version, "title": item.content.title, "note": item.content.note,
            "changes": diff(spells[number - 1], spells[number]) if number else [],
        }
        for number, item in enumerate(versions)
    ]  # fmt: skip
    return JSONResponse({"items": items[::-1], "next": None})


@router.post("/{spell_id}/share", response_model=Sharing, responses=WRITE, dependencies=[Once])
async def share_spell(studio: StudioNow, account: Writer, spell_id: PathId, body: SpellSharing) -> Response:
    """Say who may see its recipe. A link shows no picture, and ends with any other visibility."""
    await _spell(studio, account, spell_id)
    token = await studio.shelf.show(spell_id, account.id, Visibility(body.visibility))
    return JSONResponse({"visibility": body.visibility, "link": None if token is None else f"{LINK}{token}"})


@router.post("/{spell_id}/fork", status_code=201, response_model=SpellShape, responses=WRITE, dependencies=[Once])
async def fork_spell(studio: StudioNow, account: Writer, spell_id: PathId, body: SpellCopy) -> Response:
    """A copy of one's own, of an own spell or a public one."""
    item = await _spell(studio, account, spell_id)
    return _made(studio, await studio.spellbook.fork(item, account.id, body.title), account)


@router.get("/{spell_id}/export", response_model=SpellFile, responses=READ)
async def export_spell(studio: StudioNow, account: Reader, spell_id: PathId) -> Response:
    """The spell as a file for somebody else, with a digest."""
    return JSONResponse(exchange.exported(spell_of(await _spell(studio, account, spell_id))))


@shared.get("/{token}", response_model=SpellShape, responses=problems(404, 422))
async def look_at_shared(studio: StudioNow, token: str) -> Response:
    """What a link shows: the recipe, and nothing of its owner's."""
    return JSONResponse(whole(studio, await studio.shelf.by_link(token, SourceKind.SPELL), None))


@shared.post("/{token}/fork", status_code=201, response_model=SpellShape, responses=WRITE, dependencies=[Once])
async def fork_shared(studio: StudioNow, account: Writer, token: str, body: SpellCopy) -> Response:
    """Keep a copy of what a link shows."""
    item = await studio.shelf.by_link(token, SourceKind.SPELL)
    return _made(studio, await studio.spellbook.fork(item, account.id, body.title), account)


async def _spell(studio: Studio, account: Account, spell_id: str, version: int | None = None) -> Item:
    return await studio.shelf.get(spell_id, account.id, version, SourceKind.SPELL)


def _made(studio: Studio, item: Item, account: Account) -> Response:
    return JSONResponse(whole(studio, item, account), 201, {"Location": f"/api/v1/spells/{item.id}"})


def head(studio: Studio, item: Item, reader: Account | None) -> dict[str, Any]:
    """The SpellHead. A link is told only to who makes it."""
    can = studio.catalogue.availability(item.tool, studio.pool.capabilities())
    spell = spell_of(item)
    shape = spell.model_dump(mode="json", include={"title", "blanks", "ports", "outputs"})
    return {
        "id": item.id, "name": item.name, "version": item.version, "newest": item.newest, **shape,
        "description": item.tool.description, "visibility": item.visibility.value,
        "mine": reader is not None and reader.id == item.account_id, "available": can.available, "reason": can.reason,
        "created_at": rfc3339(item.created_at), "updated_at": rfc3339(item.updated_at),
    }  # fmt: skip


def whole(studio: Studio, item: Item, reader: Account | None) -> dict[str, Any]:
    """The SpellShape."""
    steps = spell_of(item).model_dump(mode="json", include={"steps"})["steps"]
    return {**head(studio, item, reader), "note": item.content.note, "steps": steps}
