"""What is known of nodes when a workflow is drafted: the recorded references, and above them what a live server says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tools.nodes import ObjectInfo

_CORE_MODULES = ("nodes", "comfy_extras.")
_CUSTOM = "custom_nodes."


@dataclass(frozen=True)
class Facts:
    """`there`: the classes that a server of the pool has; None where none can be asked."""

    info: ObjectInfo = field(repr=False)
    core: frozenset[str] = field(repr=False)
    since: Mapping[str, str] = field(repr=False)
    """Class -> the oldest recorded ComfyUI that has it."""
    server: str
    """The newest recorded ComfyUI."""
    there: frozenset[str] | None = field(default=None, repr=False)

    def absent(self, classes: Iterable[str]) -> tuple[str, ...]:
        """Those that no server of the pool has, by name; () where that cannot be known."""
        return () if self.there is None else tuple(sorted(set(classes) - self.there))


def gathered(references: Mapping[str, ObjectInfo], live: ObjectInfo | None = None) -> Facts:
    """Of references, the oldest first, and a server that is there now. What the live one says of a class counts.

    A class is ComfyUI's own when a reference has it or the live server says that its own files define it; one that a
    custom node puts in the place of ComfyUI's own is no longer that.
    """
    info: dict[str, object] = {}
    since: dict[str, str] = {}
    for version, each in references.items():
        info.update(each)
        for name in each:
            since.setdefault(name, version)
    core = set(info)
    for name, entry in (live or {}).items():
        module = str(entry.get("python_module") or "") if isinstance(entry, Mapping) else ""
        if module.startswith(_CUSTOM):
            core.discard(name)
        elif module.startswith(_CORE_MODULES):
            core.add(name)
        if isinstance(entry, Mapping):
            info[name] = entry
    return Facts(info, frozenset(core), since, list(references)[-1], None if live is None else frozenset(live))
