"""Hold our graphs against what ComfyUI's own page exports, and remember the outcome as digests.

`python -m tests.tools.convert.comparing [--page FOLDER]` writes `digests.json` anew: look at its difference before it is
committed. FOLDER holds exports of the page, `<template>.json` each; without it the digests of the page are kept.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from tools import facts
from tools.convert.conversion import Graph, convert, digest

DIGESTS = Path(__file__).with_name("digests.json")
ONLY_THE_PAGE = {("LoadVideo", "video-preview"): "the state of the page's own player; the server has no such input"}
"""Inputs that the page sends and we leave out, with the reason."""
ORPHANS = {
    "flux1_dev_uso_reference_image_gen": (
        ("112:55:", "112:56:"),
        "inner nodes of bypassed subgraphs: the page sends them with nothing linked to them, and none of them is an output",
    )
}
"""Ids of nodes that the page sends and we leave out, with the reason."""


def templates() -> dict[str, Any]:
    """Name -> workflow of every open template of the installed package."""
    folder = resources.files("comfyui_workflow_templates_json") / "templates"
    index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    names = [t["name"] for group in index for t in group["templates"] if t.get("openSource") is not False]
    return {name: json.loads((folder / f"{name}.json").read_text(encoding="utf-8")) for name in names}


def comparable(name: str, graph: Graph) -> Graph:
    """A graph without what only the page sends."""
    orphans = ORPHANS.get(name, ((), ""))[0]
    return {
        key: {**node, "inputs": {i: v for i, v in node["inputs"].items() if (node["class_type"], i) not in ONLY_THE_PAGE}}
        for key, node in graph.items()
        if not key.startswith(orphans or ("-",))
    }


def compared(name: str, ours: Graph, exported: Graph) -> str:
    """The digest of what the page exports; raises ValueError where ours is another graph."""
    mine, pages = comparable(name, ours), comparable(name, exported)
    different = [key for key in {*mine, *pages} if _bare(mine.get(key)) != _bare(pages.get(key))]
    if different:
        raise ValueError(f"{name}: not as the page exports it: {sorted(different)}")
    return digest(mine)


def _bare(node: Mapping[str, Any] | None) -> tuple[Any, ...] | None:
    return None if node is None else (node["class_type"], node["inputs"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--page", type=Path)
    folder = parser.parse_args().page
    before = json.loads(DIGESTS.read_text(encoding="utf-8")) if DIGESTS.exists() else {}
    info = facts.reference()["0.33.0"]
    rows = {}
    for name, ui in sorted(templates().items()):
        conversion = convert(ui, info)
        if conversion.unknown:
            continue
        rows[name] = {"graph": digest(conversion.graph)}
        export = folder / f"{name}.json" if folder else None
        if export is not None and export.exists():
            rows[name]["page"] = compared(name, conversion.graph, json.loads(export.read_text(encoding="utf-8")))
        elif "page" in before.get(name, {}):
            rows[name]["page"] = before[name]["page"]
    DIGESTS.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(f"{len(rows)} templates, {sum('page' in row for row in rows.values())} of them as the page exports them\n")


if __name__ == "__main__":
    main()
