"""Ids in paths and bodies."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path
from pydantic import AfterValidator

from base.ids import is_id

_NOBODY = "00000000-0000-0000-0000-000000000000"


def _id(text: str) -> str:
    """What has not the form of an id is the id of nothing: its owner then says "not found" in its own words."""
    return text if is_id(text) else _NOBODY


Id = Annotated[str, AfterValidator(_id)]
PathId = Annotated[str, Path(description="The id."), AfterValidator(_id)]
