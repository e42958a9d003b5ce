"""The registry as files: written by hand in `models/`, drawn from the templates in `imported/`, one of each per family.

What was written by hand stands above what was imported, field by field; the licence decides what may be sold unless an
entry says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from pydantic import ValidationError

from tools.registry.errors import BadModelEntry, ModelNotFound
from tools.registry.licences import commercial
from tools.registry.model import RegisteredModel, model_id

Entry = dict[str, Any]
"""Fields of a RegisteredModel as they stand in a file: those that are known."""


@cache
def registered() -> tuple[RegisteredModel, ...]:
    """Every model that comes with the program, by id. Raises BadModelEntry, naming the entry."""
    folder = resources.files("tools.registry")
    merged = under(read(folder / "models"), read(folder / "imported"))
    return tuple(sorted((entry_model(entry) for entry in merged), key=lambda model: model.id))


def by_place(models: Iterable[RegisteredModel]) -> dict[str, RegisteredModel]:
    """`folder/file` -> model."""
    return {model.place: model for model in models}


def find(models: Iterable[RegisteredModel], name: str) -> RegisteredModel:
    """By id, by `folder/file`, or by the file alone where that names one. Raises ModelNotFound."""
    listed = list(models)
    found = [m for m in listed if name in (m.id, m.place)] or [m for m in listed if m.file == name]
    if len(found) != 1:
        raise ModelNotFound("Several models have that file name; use the id." if found else None)
    return found[0]


def read(folder: Traversable) -> list[Entry]:
    """The entries of every YAML file of a folder, each with what its file says for all. Raises BadModelEntry."""
    if not folder.is_dir():
        return []
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".yaml")), key=lambda f: f.name)
    return [entry for file in files for entry in parsed(file.read_text(encoding="utf-8"), file.name)]


def parsed(text: str, name: str) -> list[Entry]:
    """The entries of one file: `{models: [...]}`, what stands beside `models` being common to all."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        content = yaml.load(text, Loader=loader)  # a safe loader, written in C where the machine has it
    except yaml.YAMLError:
        raise BadModelEntry(f"{name} is no YAML.") from None
    if not isinstance(content, dict) or not isinstance(content.get("models"), list):
        raise BadModelEntry(f"{name} has no list of models.")
    common = {field: value for field, value in content.items() if field != "models"}
    if not all(isinstance(entry, dict) and {"folder", "file"} <= set(entry) for entry in content["models"]):
        raise BadModelEntry(f"{name} has an entry without folder and file.")
    return [{**common, **entry} for entry in content["models"]]


def under(own: Iterable[Mapping[str, Any]], imported: Iterable[Mapping[str, Any]]) -> list[Entry]:
    """One entry a file: imported facts beneath those that were written by hand, never over them."""
    merged: dict[tuple[str, str], Entry] = {}
    for entry in (*imported, *own):
        place = (str(entry["folder"]), str(entry["file"]))
        merged[place] = {**merged.get(place, {}), **entry}
    return list(merged.values())


def entry_model(entry: Mapping[str, Any]) -> RegisteredModel:
    """A model of an entry's fields, with the id and the terms that follow from them. Raises BadModelEntry."""
    folder, file = str(entry["folder"]), str(entry["file"])
    derived = {"id": model_id(folder, file), "commercial": commercial(entry.get("licence"))}
    try:
        return RegisteredModel.model_validate({**derived, **entry})
    except ValidationError as error:
        field = ".".join(map(str, error.errors()[0]["loc"]))
        raise BadModelEntry(f"The field {field} of {folder}/{file} cannot be read.", field=field) from None
