"""Spells as files: exported with a digest of their canonical JSON, imported as what a stranger may have written. Pure."""

from __future__ import annotations

import hashlib
import json
from typing import Any, NoReturn

from pydantic import ValidationError

from tools.errors import BadSpell, SpellTooLarge
from tools.shelf.names import is_own
from tools.spells.checking import checked
from tools.spells.making import ToolOf
from tools.spells.model import Spell

FORMAT = "stationthis.spell"
VERSION = 1
MAX_BYTES = 200_000
MAX_DEPTH = 12


def exported(spell: Spell) -> dict[str, Any]:
    """`{format, version, digest, spell}`. Raises BadSpell when it needs a workflow that only its owner has."""
    if any(is_own(step.tool) for step in spell.steps):
        raise BadSpell("It uses a workflow of your own, which a file of the spell would not bring along.")
    body = spell.model_dump(mode="json", exclude_defaults=True)
    return {"format": FORMAT, "version": VERSION, "digest": digest(body), "spell": body}


def imported(data: bytes | dict[str, Any], tool_of: ToolOf) -> Spell:
    """The spell of a file. Raises SpellTooLarge, BadSpell."""
    if isinstance(data, dict):
        data = _canonical(data)
    if len(data) > MAX_BYTES:
        raise SpellTooLarge(f"A spell has at most {MAX_BYTES} bytes.", maximum=MAX_BYTES)
    document = _read(data)
    if document.get("format") != FORMAT:
        raise BadSpell("This is no file of a spell.", action="Import a file that was exported as a spell.")
    if document.get("version") != VERSION:
        raise BadSpell("It was exported by another version of StationThis, whose form is not known here.", version=VERSION)
    body = document.get("spell")
    if not isinstance(body, dict) or document.get("digest") != digest(body):
        raise BadSpell("Its digest does not fit: it was changed after it was exported, or is not whole.")
    try:
        spell = Spell.model_validate(body)
    except ValidationError as error:
        where = ".".join(str(part)[:40] for part in error.errors(include_url=False, include_input=False)[0]["loc"][:4])
        raise BadSpell(f"It does not have the form of a spell at {where or 'its top'}.") from None
    return checked(spell, tool_of)


def digest(body: dict[str, Any]) -> str:
    """sha256 of the canonical JSON: keys sorted, no spaces. Raises BadSpell for what is no JSON, SpellTooLarge."""
    data = _canonical(body)
    if len(data) > MAX_BYTES:
        raise SpellTooLarge(f"A spell has at most {MAX_BYTES} bytes.", maximum=MAX_BYTES)
    return hashlib.sha256(data).hexdigest()


def _canonical(value: Any) -> bytes:
    try:
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):  # no number, half a surrogate pair, or nested without end
        raise BadSpell("It holds something that is no plain JSON.") from None


def _read(data: bytes) -> dict[str, Any]:
    try:
        document = json.loads(data, parse_constant=_refused)
    except (ValueError, RecursionError):
        raise BadSpell("It is not JSON.") from None
    if not isinstance(document, dict) or _depth(document) > MAX_DEPTH:
        raise BadSpell("It does not have the form of a spell.")
    return document


def _refused(_: str) -> NoReturn:
    raise ValueError


def _depth(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max((_depth(each) for each in inner), default=0)
