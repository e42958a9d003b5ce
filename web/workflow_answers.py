"""Drafts and workflows as they leave the house."""

from __future__ import annotations

from typing import Any

from accounts.model import Account
from agent.protocols import Studio
from base.clock import rfc3339
from tools.model import Tool
from tools.shelf.model import Item
from tools.workflows.kept import kept_of
from tools.workflows.model import Draft


def drafted(studio: Studio, draft: Draft) -> dict[str, Any]:
    """The DraftShape."""
    tool = draft.tool
    can = None if tool is None else studio.catalogue.availability(tool, studio.pool.capabilities())
    return {
        "form": draft.form.value, "keepable": tool is not None,
        "title": tool and tool.title, "description": tool and tool.description, "family": tool and tool.family,
        "base": tool and tool.base, "vram_gb": tool and tool.vram_gb, "models": _models(tool), **_found(tool),
        "samples": draft.samples, "nodes": len(draft.graph), "missing": list(draft.missing),
        "findings": [finding.shape() for finding in draft.findings],
        "available": can is not None and can.available, "reason": can and can.reason,
    }  # fmt: skip


def head(studio: Studio, item: Item, reader: Account | None) -> dict[str, Any]:
    """The WorkflowHead. A link is told only to who makes it."""
    tool = item.tool
    can = studio.catalogue.availability(tool, studio.pool.capabilities())
    return {
        "id": item.id, "name": item.name, "title": tool.title, "description": tool.description, "family": tool.family,
        "version": item.version, "newest": item.newest, "visibility": item.visibility.value,
        "mine": reader is not None and reader.id == item.account_id,
        **tool.model_dump(mode="json", include={"inputs", "outputs"}),
        "available": can.available, "reason": can.reason,
        "created_at": rfc3339(item.created_at), "updated_at": rfc3339(item.updated_at),
    }  # fmt: skip


def whole(studio: Studio, item: Item, reader: Account | None) -> dict[str, Any]:
    """The WorkflowShape."""
    tool, kept = item.tool, kept_of(item)
    return {
        **head(studio, item, reader), **tool.model_dump(mode="json", include={"params", "base", "vram_gb"}),
        "examples": [example.text for example in tool.examples], "form": kept.form.value, "models": _models(tool),
        "found": _found(kept.found), "changes": kept.changes.model_dump(mode="json", exclude_defaults=True),
        "note": item.content.note,
    }  # fmt: skip


def versions(items: list[Item]) -> list[dict[str, Any]]:
    """WorkflowVersions of all versions, given oldest first; the newest comes first."""
    digests = [kept_of(item).digest for item in items]
    return [
        {
            "version": item.version, "title": item.content.title, "note": item.content.note,
            "source_changed": number > 0 and digests[number] != digests[number - 1],
        }
        for number, item in enumerate(items)
    ][::-1]  # fmt: skip


def _found(tool: Tool | None) -> dict[str, Any]:
    if tool is None:
        return {"params": {}, "inputs": {}, "outputs": {}}
    return tool.model_dump(mode="json", include={"params", "inputs", "outputs"})


def _models(tool: Tool | None) -> list[dict[str, Any]]:
    shown = {"file", "folder", "url", "bytes", "licence", "gated"}
    return [] if tool is None else [model.model_dump(mode="json", include=shown) for model in tool.implementations[0].models]
