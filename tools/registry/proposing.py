"""From an address that somebody names to an entry that an admin can judge. Pure."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import PurePosixPath

from tools.registry.checking import of_one
from tools.registry.errors import BadModelEntry, BadModelUrl, ModelExists
from tools.registry.families import FAMILIES, family_of
from tools.registry.licences import commercial, licences
from tools.registry.model import FOLDERS, RegisteredModel, model_id
from tools.registry.urls import file_name, normalised, publisher


def proposal(
    url: str, taken: Collection[str], *, folder: str | None = None, file: str | None = None, base: str | None = None,
    licence: str | None = None, sha256: str | None = None, purpose: str | None = None,
) -> RegisteredModel:  # fmt: skip
    """The entry of an address. What is not said is read from it; `taken` are the places (`folder/file`) that are known.

    Raises BadModelUrl, BadModelEntry, ModelExists.
    """
    kept = normalised(url)
    name = file or file_name(kept)
    if name is None:
        raise BadModelUrl("The address does not name the file.", action="Say its name with --file.")
    where = folder or _folder(kept)
    if where not in FOLDERS:
        raise BadModelEntry("Which folder of ComfyUI it belongs into is not clear.", action=_choices("folder", FOLDERS))
    if base is not None and base not in FAMILIES:
        raise BadModelEntry("No base family has that name.", action=_choices("base", FAMILIES))
    if licence is not None and licence.lower() not in licences():
        raise BadModelEntry("No licence of that name is known.", action="Leave it out where it is another one.")
    made = RegisteredModel(
        id=model_id(where, name), folder=where, file=name, url=kept, source=publisher(kept),
        sha256=(sha256 or "").lower() or None,
        base=base or family_of(name, kept), licence=licence, commercial=commercial(licence), purpose=purpose, state="proposed",
    )  # fmt: skip
    if made.place in taken:
        raise ModelExists
    for finding in of_one(made):
        if finding.level == "error":
            raise BadModelEntry(f"{finding.message}.".capitalize(), field=finding.code)
    return made


def _folder(url: str) -> str:
    """A folder that the path names, the nearest to the file."""
    parts = PurePosixPath(url).parts
    return next((part for part in reversed(parts) if part in FOLDERS), "")


def _choices(field: str, names: Collection[str]) -> str:
    return f"Say --{field} with one of {', '.join(sorted(names))}."
