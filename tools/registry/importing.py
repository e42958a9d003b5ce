"""What the installed package of templates says about weight files, as entries of the registry."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import resources
from pathlib import Path, PurePosixPath
from typing import Any

from tools.registry.entries import Entry
from tools.registry.errors import BadModelUrl
from tools.registry.families import family_of
from tools.registry.model import FOLDERS
from tools.registry.urls import file_name, normalised, publisher

PACKAGE = "comfyui_workflow_templates_json"
SHARED = frozenset({"text_encoders", "vae", "clip_vision", "audio_encoders"})
"""Folders of parts that serve several families: such a file has none of its own."""


def imported() -> list[Entry]:
    """Entries of every weight file that an open template of the installed package names, by place."""
    return entries(_open_templates())


def entries(templates: Iterable[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> list[Entry]:
    """Entries of (index entry, workflow) pairs. Where two templates differ, the address that more of them name wins."""
    seen: dict[tuple[str, str], _Seen] = {}
    for head, workflow in templates:
        for fact in {json.dumps(f, sort_keys=True) for f in _facts(workflow)}:
            _note(seen, json.loads(fact), int(head.get("usage") or 0))
    return [seen[place].entry(*place) for place in sorted(seen)]


class _Seen:
    """What was said about one file, by whom how often."""

    def __init__(self) -> None:
        self.urls: dict[str, int] = {}
        self.sha256: str | None = None
        self.popularity = 0

    def entry(self, folder: str, file: str) -> Entry:
        own = [url for url in self.urls if file_name(url) in (None, PurePosixPath(file).name)]
        urls = sorted(own or self.urls, key=lambda url: (-self.urls[url], url))
        source = publisher(urls[0]) if urls else None
        base = None if folder in SHARED else family_of(file, source or "")
        terms = repositories().get(source or "", {})
        made = {
            "folder": folder, "file": file, "url": urls[0] if urls else None, "mirrors": urls[1:], "source": source,
            "base": base, "sha256": self.sha256, "popularity": self.popularity,
            "licence": terms.get("licence"), "gated": terms.get("gated"),
        }  # fmt: skip
        return {field: value for field, value in made.items() if value not in (None, [], 0)}


@cache
def repositories() -> dict[str, dict[str, Any]]:
    """What repositories say of all their files: `{licence, gated}` by name."""
    import yaml

    text = (resources.files("tools.templates") / "repositories.yaml").read_text(encoding="utf-8")
    return {entry["repository"]: entry for entry in yaml.safe_load(text)}


def _note(seen: dict[tuple[str, str], _Seen], fact: Mapping[str, Any], usage: int) -> None:
    folder, file = str(fact.get("directory") or ""), str(fact.get("name") or "")
    if folder not in FOLDERS or not file:
        return
    about = seen.setdefault((folder, file), _Seen())
    about.popularity += usage
    if str(fact.get("hash_type") or "").lower().replace("-", "") == "sha256":
        about.sha256 = str(fact["hash"]).lower()
    try:
        url = normalised(str(fact.get("url") or ""))
    except BadModelUrl:
        return
    about.urls[url] = about.urls.get(url, 0) + 1


def _facts(value: Any) -> Iterator[dict[str, Any]]:
    """Every `properties.models` entry of a workflow, those of subgraphs included."""
    if isinstance(value, dict):
        properties = value.get("properties")
        if isinstance(properties, dict) and isinstance(properties.get("models"), list):
            yield from (fact for fact in properties["models"] if isinstance(fact, dict))
        for inner in value.values():
            yield from _facts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _facts(inner)


def _open_templates() -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    folder = resources.files(PACKAGE) / "templates"
    for group in json.loads((folder / "index.json").read_text(encoding="utf-8")):
        for head in group["templates"]:
            file = folder / f"{head['name']}.json"
            if head.get("openSource") is not False and file.is_file():
                yield head, json.loads(file.read_text(encoding="utf-8"))


def difference(before: Iterable[Entry], after: Iterable[Entry]) -> dict[str, list[str]]:
    """`{added, changed, removed}`: places of entries that an import would change."""
    old = {f"{e['folder']}/{e['file']}": e for e in before}
    new = {f"{e['folder']}/{e['file']}": e for e in after}
    return {
        "added": sorted(set(new) - set(old)),
        "changed": sorted(place for place in set(new) & set(old) if new[place] != old[place]),
        "removed": sorted(set(old) - set(new)),
    }


def files(made: Iterable[Entry]) -> dict[str, str]:
    """File name -> YAML text, a file a family, one line an entry so that an upgrade reads as a difference."""
    by_family: dict[str, list[Entry]] = {}
    for entry in made:
        by_family.setdefault(entry.get("base") or "shared", []).append(entry)
    return {
        f"{family.replace('-', '_').replace('.', '_')}.yaml": "models:\n" + "".join(f"  - {_flow(e)}\n" for e in listed)
        for family, listed in by_family.items()
    }


def write(folder: Path, made: Iterable[Entry]) -> None:
    """Replace what was imported before."""
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.yaml"):
        old.unlink()
    for name, text in files(made).items():
        (folder / name).write_text(text, encoding="utf-8")


def _flow(entry: Entry) -> str:
    return json.dumps(entry, ensure_ascii=False)  # one line of JSON is one line of YAML
