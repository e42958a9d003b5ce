"""What is wrong with a graph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Graph = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Fault:
    """One thing that the server would refuse, or that would fail as soon as the node runs.

    `code` is ComfyUI's own where it has one (`required_input_missing`, `return_type_mismatch`, `value_not_in_list` ...).
    Ours are `dynamic_key_unknown`, `dynamic_key_missing`, `link_expected` and `graph_malformed`: the server lets the
    first three through and fails at run time. The message may quote a value: it is for the person, never for a log.
    """

    code: str
    message: str
    node: str | None = None
    input: str | None = None

    def __str__(self) -> str:
        place = ".".join(part for part in (self.node, self.input) if part is not None)
        return f"{place}: {self.message}" if place else self.message
