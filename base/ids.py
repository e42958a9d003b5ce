"""Identifiers: UUIDv7, so that ids sort by the time they were made."""

from __future__ import annotations

import re

from uuid_utils import uuid7

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def new_id() -> str:
    """A canonical lower-case UUIDv7, the only form that every ComfyUI accepts as a prompt id."""
    return str(uuid7())


def is_id(text: str) -> bool:
    """Whether `text` has the form of an id, so that nonsense is refused before it reaches the database."""
    return _UUID.fullmatch(text) is not None
