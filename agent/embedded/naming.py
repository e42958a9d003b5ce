"""Models that are said by name: `with Z-Image Turbo`, `use SDXL for a moth`. Pure."""

from __future__ import annotations

import re

from agent.model import PlanningRequest
from tools.model import Tool
from tools.protocols import Found


def named_generator(text: str, request: PlanningRequest) -> Found | None:
    """A model that is said by name, whether it can run now or not; what paints comes before what only sounds alike."""
    makers = (f for f in request.found if f.tool.generative and not f.tool.inputs)
    return next((f for f in makers if says(text, f.tool)), None)


def says(text: str, tool: Tool) -> bool:
    """A title that is plain words (`Text to image`) is no name."""
    return "checkpoint" not in tool.params and re.search(_named(tool), text, re.I) is not None


def without_name(text: str, tool: Tool) -> str:
    """`a cat with SDXL` shows a cat."""
    if not says(text, tool):
        return text
    said = (
        rf",?\s*\b(?:with|using|in|by|via|on|through|use|run)\s+(?:it (?:with|through) )?{_named(tool)}"
        r"(?: (?:for|to (?:paint|draw|make)))?"
    )
    return re.sub(said, "", text, flags=re.I).strip() or text


def _named(tool: Tool) -> str:
    """A pattern of the tool's title, however its parts are joined."""
    return rf"\b{'[ -]?'.join(re.escape(part) for part in re.split('[ -]', tool.title))}\b"
