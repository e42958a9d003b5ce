"""Which tool runs on which ComfyUI: a table of verdicts. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from tools import facts
from tools.model import Capabilities, Tool
from tools.nodes import ObjectInfo
from tools.rules import MODEL_FOLDERS

FITS = "fits"
_ENDINGS = (".safetensors", ".ckpt", ".pt", ".pth", ".gguf", ".bin", ".sft", ".onnx")


def rows(tools: Iterable[Tool], sources: Mapping[str, ObjectInfo]) -> list[dict[str, Any]]:
    """A row per implementation and server: `{server, tool, implementation, verdict, faults}`.

    What comes from a template is made for the newest server: that an older one refuses it is no fault of the tool.
    """
    found = []
    newest = list(sources)[-1] if sources else None
    for server, info in sources.items():
        for tool in tools:
            found += [_judged(row, tool, server == newest) for row in _of(tool, info, server)]
    return found


def markdown(found: Iterable[Mapping[str, Any]]) -> str:
    """Tool by server; the best verdict of a tool's implementations."""
    servers: dict[str, None] = {}
    best: dict[str, dict[str, str]] = {}
    for row in found:
        servers[row["server"]] = None
        verdicts = best.setdefault(row["tool"], {})
        if verdicts.get(row["server"]) != FITS:
            verdicts[row["server"]] = row["verdict"]
    head = f"| tool | {' | '.join(servers)} |\n|---|{'---|' * len(servers)}\n"
    lines = (
        f"| {tool} | {' | '.join(_cell(verdicts.get(server, '')) for server in servers)} |\n"
        for tool, verdicts in sorted(best.items())
    )
    return head + "".join(lines)


def capabilities(info: ObjectInfo, folders: Collection[str]) -> Capabilities:
    """What a server with these facts can run: its nodes, and every file that some loader of it lists."""
    listed = frozenset(
        value
        for node in info.values()
        for group in ("required", "optional")
        for spec in (node["input"].get(group) or {}).values()
        for value in _choices(spec)
        if isinstance(value, str) and value.endswith(_ENDINGS)
    )
    every = {*folders, *MODEL_FOLDERS.values()}
    return Capabilities(frozenset(info), dict.fromkeys(every, listed))


def _of(tool: Tool, info: ObjectInfo, server: str) -> list[dict[str, Any]]:
    if tool.implementations:
        return facts.check(tool, info, server)
    verdict = f"needs ComfyUI {tool.min_comfyui}" if tool.min_comfyui else "needs a newer ComfyUI"
    return [{"server": server, "tool": tool.name, "implementation": "", "verdict": verdict, "faults": []}]


def _judged(row: dict[str, Any], tool: Tool, newest: bool) -> dict[str, Any]:
    if newest or tool.source.package is None or not row["faults"]:
        return row
    return {**row, "verdict": f"needs a newer ComfyUI: {row['verdict']}", "faults": []}


def _choices(spec: Any) -> list[Any]:
    match spec:
        case [list(values), *_] | ["COMBO", {"options": list(values)}, *_]:
            return values
    return []


def _cell(verdict: str) -> str:
    short = verdict if len(verdict) <= 80 else f"{verdict[:77]}..."
    return short.replace("|", "/")
