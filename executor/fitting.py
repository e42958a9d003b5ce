"""Where a waiting job could run: asked of the tools once for each job and instance, and remembered while both stay the same."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from executor import rules
from executor.binding import Implement
from executor.comfy.instance import Instance
from executor.deciding.model import Fit
from executor.deciding.warmth import GUESSED_BYTES
from tools.model import Capabilities, Implementation, ModelFile, Step, Tool
from tools.service import weight_files

_LORA_BYTES = 200 << 20


@dataclass(frozen=True)
class Part:
    """A step with its tool, and the bytes of the largest file that has to be sent for it."""

    tool: Tool
    step: Step = field(repr=False)
    largest: int = 0


@dataclass
class _Remembered:
    parts: tuple[Part, ...]
    fits: dict[str, tuple[Capabilities, Fit | None]] = field(default_factory=dict)


class Fitting:
    """`secret` keys the hashes of file names: what somebody calls their own LoRA is content."""

    def __init__(self, implement: Implement, secret: bytes) -> None:
        self._implement, self._secret = implement, secret
        self._known: dict[str, _Remembered] = {}

    def fits(self, job_id: str, parts: Sequence[Part], instances: Iterable[Instance]) -> dict[str, Fit]:
        """Instance -> how the job would run there; without those that lack something, or whose facts were never read."""
        kept = self._known.get(job_id)
        if kept is None or not _same(kept.parts, parts):
            kept = self._known[job_id] = _Remembered(tuple(parts))
        found = {}
        for instance in instances:
            if instance.capabilities is not None and (fit := self._on(kept, instance.id, instance.capabilities)) is not None:
                found[instance.id] = fit
        return found

    def keep_only(self, job_ids: Iterable[str]) -> None:
        """Forget the others."""
        self._known = {job_id: self._known[job_id] for job_id in job_ids if job_id in self._known}

    def startable(self, parts: Sequence[Part], kinds: Iterable[Capabilities]) -> bool:
        """Whether an instance that could be started would take all of it."""
        return any(
            all(kind.takes_file(part.largest) and self._implement(part.tool, kind, part.step.params) for part in parts)
            for kind in kinds if kind.kind is not None
        )  # fmt: skip

    def too_small(self, parts: Sequence[Part], instances: Iterable[Instance]) -> Instance | None:
        """Of the instances that lack nothing but take no file as large as these need, the one that takes the largest."""
        plain = [replace(part, largest=0) for part in parts]
        able = [i for i in instances if i.capabilities is not None and self._fit(plain, i.capabilities) is not None]
        return max(able, key=lambda instance: instance.takes_bytes or 0, default=None)

    def _on(self, kept: _Remembered, instance: str, has: Capabilities) -> Fit | None:
        asked, fit = kept.fits.get(instance, (None, None))
        if asked is not has:
            fit = self._fit(kept.parts, has)
            kept.fits[instance] = (has, fit)
        return fit

    def _fit(self, parts: Sequence[Part], has: Capabilities) -> Fit | None:
        """Of all steps together: each must be able to run there."""
        rank, weights = 0, dict[str, int]()
        for part in parts:
            chosen = self._implement(part.tool, has, part.step.params)
            if chosen is None or not has.takes_file(part.largest) or (not has.samplers and _weighty(chosen)):
                return None
            rank = max(rank, part.tool.implementations.index(chosen))
            if not has.unknown:
                files = weight_files(part.tool, chosen, part.step.params, has)
                weights |= {self._hash(file): _size(file) for file in files}
        return Fit(rank, weights)

    def _hash(self, file: ModelFile) -> str:
        return hmac.digest(self._secret, f"{file.folder}/{file.file}".encode(), "sha256").hex()[:32]


def _same(one: Sequence[Part], other: Sequence[Part]) -> bool:
    return len(one) == len(other) and all(
        a.tool is b.tool and a.largest == b.largest for a, b in zip(one, other, strict=True)
    )


def _size(file: ModelFile) -> int:
    return file.bytes or (_LORA_BYTES if file.folder == "loras" else GUESSED_BYTES)


def _weighty(implementation: Implementation) -> bool:
    return rules.needs_weights(node["class_type"] for node in implementation.graph.values())
