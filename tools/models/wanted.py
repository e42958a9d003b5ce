"""What a download is asked for: the files of a tool, whether they fit the card, how far it is."""

from __future__ import annotations

import sys
from pathlib import Path

from tools.errors import ToolNotFound
from tools.model import ModelFile
from tools.registry.entries import by_place, registered
from tools.registry.errors import GpuTooSmall
from tools.registry.gpu import Gpu, verdict
from tools.registry.licences import commercial
from tools.registry.model import RegisteredModel, model_id
from tools.registry.part import in_words


def wanted(tool_name: str, cache: Path) -> list[RegisteredModel]:
    """The files of a tool's first way that needs any, with what the registry knows of them. `cache`: see all_tools.

    Raises ToolNotFound, TemplatesUnavailable.
    """
    from tools.service import all_tools, load_tools

    tool = next((tool for tool in load_tools() if tool.name == tool_name), None)
    tool = tool or next((tool for tool in all_tools(cache) if tool.name == tool_name), None)
    if tool is None:
        raise ToolNotFound
    files = next((way.models for way in tool.implementations if way.models), ())
    known = by_place(registered())
    return [known.get(f"{file.folder}/{file.file}") or _unregistered(file) for file in files]


def _unregistered(file: ModelFile) -> RegisteredModel:
    return RegisteredModel(
        id=model_id(file.folder, file.file), file=file.file, folder=file.folder, url=file.url, bytes=file.bytes,
        sha256=file.sha256, licence=file.licence, commercial=commercial(file.licence), gated=file.gated,
    )  # fmt: skip


def compared(model: RegisteredModel, cards: tuple[Gpu, ...]) -> str:
    """What is said about model and card. Raises GpuTooSmall."""
    fits, why = verdict(model, cards)
    if fits is False:
        raise GpuTooSmall(f"{model.file}: {why}.")
    return f"{model.file}: {why}"


class Meter:
    """One line on standard error that says how far a download is, a step a percent."""

    def __init__(self, name: str, talk: bool) -> None:
        self._name, self._talk, self._last = name, talk, -1

    def __call__(self, done: int, total: int | None) -> None:
        step = done // (64 * 1024 * 1024) if total is None else done * 100 // max(1, total)
        if not self._talk or step == self._last:
            return
        self._last = step
        far = in_words(done) if total is None else f"{step} % of {in_words(total)}"
        end = "\n" if done == total else ""
        sys.stderr.write(f"\r{self._name}: {far}{end}")
        sys.stderr.flush()
