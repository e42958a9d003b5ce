"""The pool: which instances there are, and what they can run, now."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from executor.comfy.faults import Faulted
from executor.comfy.instance import Instance
from executor.deciding.choosing import away_reason
from executor.waiting.durations import Learned
from executor.waiting.measures import Measures
from executor.watch.figures import InstanceState
from tools.model import NOBODY, Capabilities, MediaKind, Tool
from tools.protocols import Catalogue

UNKNOWN = Capabilities(frozenset(), unknown=True)
_KINDS = (MediaKind.IMAGE, MediaKind.VIDEO, MediaKind.AUDIO, MediaKind.MODEL3D)


class Provider(Protocol):
    """Where instances come from. `attend` keeps them alive until it is cancelled."""

    @property
    def instance(self) -> Instance: ...

    async def attend(self) -> None: ...


class Starter(Protocol):
    """Where further instances could come from."""

    def kinds(self) -> Sequence[Capabilities]:
        """What each kind that may be started now would have, the cheapest first; every one says its `kind`."""
        ...


class InstancePool:
    """Implements executor.protocols.Pool. `instances` by id may come and go; `attended` tells whether a worker is there
    for them."""

    def __init__(
        self, instances: Mapping[str, Instance], catalogue: Catalogue, measures: Measures, starters: Sequence[Starter] = (),
        attended: Callable[[], bool] = lambda: True,
    ) -> None:  # fmt: skip
        self._starters, self._measures, self.attended = tuple(starters), measures, attended
        self._instances = instances
        self._catalogue = catalogue

    def instances(self) -> list[Instance]:
        return list(self._instances.values())

    def states(self) -> list[InstanceState]:
        """For an operator."""
        attended = self.attended()
        return [_state(instance, attended) for instance in self._instances.values()]

    def get(self, instance_id: str | None) -> Instance | None:
        return self._instances.get(instance_id or "")

    def capabilities(self) -> list[Capabilities]:
        """Of every instance, the last known ones of those that are away included; real servers first, then what could be
        started.

        A configured server that has never answered counts as unknown: jobs are planned for it and wait for it. Where no
        worker is, each says so.
        """
        ordered = sorted(self._instances.values(), key=lambda i: i.sketch)
        known = [_known(instance) for instance in ordered]
        startable = [kind for starter in self._starters for kind in starter.kinds()]
        found = [capabilities for capabilities in (*known, *startable) if capabilities is not None]
        return found if self.attended() else [replace(each, unattended=True) for each in found] or [NOBODY]

    def timings(self) -> Learned:
        """What is known of how long work takes."""
        return self._measures.learned

    def having(self, instance_id: str) -> Capabilities | None:
        """What one instance has, as far as it is known; None when it is no longer there."""
        instance = self._instances.get(instance_id)
        return None if instance is None else instance.capabilities

    async def facts(self) -> dict[str, Any] | None:
        """The `/object_info` of the first real server that answers now; None when none does."""
        for instance in self.instances():  # they may come and go meanwhile
            if instance.up and not instance.sketch:
                try:
                    return await instance.http.object_info()
                except Faulted:
                    continue
        return None

    def info(self) -> dict[str, dict[str, str]]:
        """Kind -> {status: real|sketch|unavailable, reason}."""
        return {kind.value: self._info(kind) for kind in _KINDS}

    def _info(self, kind: MediaKind) -> dict[str, str]:
        makers = [t for t in self._catalogue.all() if t.generative and any(p.kind is kind for p in t.outputs.values())]
        if not makers:
            return {"status": "unavailable", "reason": f"No tool makes {kind.value} yet."}
        able = [i for i in self._instances.values() if i.up and i.capabilities and self._can(i.capabilities, makers)]
        if any(not i.sketch for i in able):
            return {"status": "real", "reason": "A ComfyUI server is connected."}
        if able:
            return {"status": "sketch", "reason": "Sketch preview: connect a GPU for real renders."}
        return {"status": "unavailable", "reason": self._why_not(makers)}

    def _can(self, capabilities: Capabilities, makers: Sequence[Tool]) -> bool:
        return any(self._catalogue.availability(tool, [capabilities]).available for tool in makers)

    def _why_not(self, makers: Sequence[Tool]) -> str:
        if not self.attended():
            return "No worker runs just now: what is asked for waits until one does."
        if away := [i.where for i in self._instances.values() if not i.up and not i.sketch]:
            return away_reason(away)
        if any(not i.up for i in self._instances.values()):
            return "The renderer is starting."
        # A file is put there sooner than another ComfyUI; of equals, what lacks the least says it in the fewest words.
        answers = [self._catalogue.availability(tool, self.capabilities()) for tool in makers]
        told = [(a.gap is not None and a.gap.min_comfyui is not None, len(a.reason), a.reason) for a in answers if a.reason]
        nearest = min(told)[2] if told else "no render server can do this"
        return f"{nearest[0].upper()}{nearest[1:]}."


def _state(instance: Instance, attended: bool) -> InstanceState:
    known = instance.capabilities
    return InstanceState(
        instance.id, instance.where, instance.up if attended else None, instance.since, instance.sketch, instance.slots,
        None if known is None else known.comfyui, None if known is None else known.vram_gb,
    )  # fmt: skip


def _known(instance: Instance) -> Capabilities | None:
    """What it has, marked when that was last seen while it is away; None for a renderer of our own that still starts."""
    if instance.capabilities is None:
        return None if instance.sketch else UNKNOWN
    if instance.up or instance.sketch or instance.seen_at is None:
        return instance.capabilities
    return replace(instance.capabilities, last_seen=instance.seen_at)
