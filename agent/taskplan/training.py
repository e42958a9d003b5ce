"""Train heads for one inventory, cross-fitted: each is judged on requests it has not seen, and all of them answer together.

Reproducible on one machine: one thread, seeds from the fold. Imported by the training command only, because torch is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from agent.taskplan import heads
from agent.taskplan.lessons import Lesson, folds, needed
from agent.taskplan.model import Evidence, Inventory, Matrix
from agent.taskplan.spans import Span

Told = Callable[[str], None]


@dataclass(frozen=True)
class Schedule:
    """How long, how fast, how many."""

    folds: int = 5
    repeats: int = 2
    """Heads a fold, each from its own seed."""
    epochs: int = 50
    batch: int = 64
    rate: float = 0.02
    hidden: int = 96
    dropout: float = 0.3
    decay: float = 0.03
    seed: int = 0


@dataclass(frozen=True)
class Pieces:
    """The embedded pieces of every lesson: `vectors[i]` has shape (pieces of lesson i, size), the whole request last."""

    spans: tuple[tuple[Span, ...], ...]
    vectors: tuple[Matrix, ...]


class Head(nn.Module):  # type: ignore[misc]  # torch comes without types here
    """The trainable form of what `heads` computes; it starts from the tools' own words."""

    def __init__(self, words: Tensor, schedule: Schedule) -> None:
        super().__init__()
        tools, size = words.shape
        self.own = nn.Parameter(words * 8)
        self.own_bias = nn.Parameter(torch.full((tools,), -5.0))
        self.hidden = nn.Parameter(torch.empty(size, schedule.hidden).uniform_(-1, 1) / size**0.5)
        self.hidden_bias = nn.Parameter(torch.zeros(schedule.hidden))
        self.out = nn.Parameter(torch.zeros(schedule.hidden, tools))
        self.sharp = nn.Parameter(torch.tensor(2.0))
        self.among = nn.Parameter(torch.zeros(tools, tools))
        self.whole = nn.Parameter(torch.zeros(size, tools))
        self.whole_bias = nn.Parameter(torch.zeros(tools))
        self.dropout = schedule.dropout

    def forward(self, vectors: Tensor, owner: Tensor, count: int) -> Tensor:
        """Logits (count, tools). `vectors` (pieces, size) of `count` requests; `owner` (pieces,) says whose."""
        vectors, whole = self._dropped(vectors, owner, count)
        inner = functional.gelu(vectors @ self.hidden + self.hidden_bias, approximate="tanh")
        pieces = vectors @ self.own.T + self.own_bias + functional.dropout(inner, self.dropout, self.training) @ self.out
        joined = self._softly_highest(pieces, owner, count)
        answer: Tensor = joined + joined.sigmoid() @ self.among + whole @ self.whole + self.whole_bias
        return answer

    def _dropped(self, vectors: Tensor, owner: Tensor, count: int) -> tuple[Tensor, Tensor]:
        """The same dimensions are hidden in all pieces of a request: otherwise its other pieces tell them."""
        last = torch.cat([(owner[1:] != owner[:-1]).nonzero()[:, 0], torch.tensor([len(owner) - 1])])
        if not self.training:
            return vectors, vectors[last]
        kept = (torch.rand(count, vectors.shape[1]) > self.dropout).float() / (1 - self.dropout)
        return vectors * kept[owner], functional.dropout(vectors[last], self.dropout)

    def _softly_highest(self, pieces: Tensor, owner: Tensor, count: int) -> Tensor:
        scaled = pieces * self.sharp
        index = owner[:, None].expand_as(scaled)
        highest = torch.full((count, scaled.shape[1]), -1e9).scatter_reduce(0, index, scaled.detach(), "amax")
        total = torch.zeros_like(highest).index_add(0, owner, (scaled - highest[owner]).exp())
        return (total.log() + highest) / self.sharp

    def state(self) -> heads.State:
        return {name: value.detach().numpy().copy() for name, value in self.state_dict().items()}


def train(
    pieces: Pieces, lessons: Sequence[Lesson], words: Matrix, rows: NDArray[np.int64], schedule: Schedule, seed: int
) -> heads.State:
    """One head from these rows."""
    torch.manual_seed(seed)
    head = Head(torch.from_numpy(words).float(), schedule).train()
    wide = [parameter for parameter in head.parameters() if parameter.ndim > 1]
    flat = [parameter for parameter in head.parameters() if parameter.ndim < 2]
    groups = [{"params": wide, "weight_decay": schedule.decay}, {"params": flat, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=schedule.rate)
    steps = schedule.epochs * -(-len(rows) // schedule.batch)
    pace = torch.optim.lr_scheduler.OneCycleLR(optimizer, schedule.rate, total_steps=steps + 1)
    targets = torch.from_numpy(needed(lessons, len(words))).float()
    weights = torch.tensor([lesson.weight for lesson in lessons])
    every = torch.from_numpy(np.asarray(rows))
    for _ in range(schedule.epochs):
        for batch in every[torch.randperm(len(every))].split(schedule.batch):
            logits = head(*_joined(pieces, batch.tolist()))
            wrong = functional.binary_cross_entropy_with_logits(logits, targets[batch], reduction="none").sum(1)
            loss = (wrong * weights[batch]).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            pace.step()
    state: heads.State = head.eval().state()
    return state


def cross_fitted(
    pieces: Pieces, lessons: Sequence[Lesson], words: Matrix, schedule: Schedule, told: Told
) -> tuple[list[heads.State], list[Evidence]]:
    """All heads, and what those that have not seen a lesson say of it."""
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    fold_of = folds(lessons, schedule.folds, schedule.seed)
    everyone: list[heads.State] = []
    unseen: dict[int, Evidence] = {}
    for fold in range(schedule.folds):
        seeds = [1000 * schedule.seed + 10 * fold + repeat for repeat in range(schedule.repeats)]
        rows = np.where(fold_of != fold)[0]
        here = [train(pieces, lessons, words, rows, schedule, seed) for seed in seeds]
        for row in np.where(fold_of == fold)[0]:
            unseen[int(row)] = heads.evidence(here, pieces.spans[row], pieces.vectors[row])
        everyone += here
        told(f"fold {fold + 1} of {schedule.folds}: {len(rows)} requests learnt, {int((fold_of == fold).sum())} judged")
    return everyone, [unseen[row] for row in range(len(lessons))]


def _joined(pieces: Pieces, rows: Sequence[int]) -> tuple[Tensor, Tensor, int]:
    vectors = [torch.from_numpy(pieces.vectors[row]).float() for row in rows]
    owner = torch.repeat_interleave(torch.arange(len(rows)), torch.tensor([len(part) for part in vectors]))
    return torch.cat(vectors), owner, len(rows)


def about(inventory: Inventory, schedule: Schedule) -> dict[str, Any]:
    """For the report of a training."""
    return {"tools": len(inventory.tools), "folds": schedule.folds, "heads": schedule.folds * schedule.repeats}
