"""JSON from a file that anybody may have written: typed errors instead of tracebacks. Pure."""

from __future__ import annotations

import json
from typing import Any

from tools.errors import BadFacts, NotAWorkflow
from tools.nesting import is_deeper_than
from tools.nodes import ObjectInfo

_DEEPEST_FACTS = 100


def read_json(data: bytes) -> Any:
    """The value that the bytes spell. Raises NotAWorkflow."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):  # ValueError: no JSON, no UTF-8, or a number of thousands of digits
        raise NotAWorkflow("The file is no JSON, or is nested too deeply.") from None


def read_facts(data: bytes) -> ObjectInfo:
    """An `/object_info` that was saved. Raises BadFacts."""
    try:
        info: Any = json.loads(data)
    except (ValueError, RecursionError):
        raise BadFacts from None
    return hold_facts(info)


def hold_facts(info: Any) -> ObjectInfo:
    """Parsed JSON as an `/object_info`. Raises BadFacts."""
    if not isinstance(info, dict):
        raise BadFacts
    entries = info.values()
    if not entries or not all(isinstance(entry, dict) and "input" in entry for entry in entries):
        raise BadFacts
    if is_deeper_than(_DEEPEST_FACTS, info):
        raise BadFacts("That object_info is nested more deeply than any server's.")
    return info
