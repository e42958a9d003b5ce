"""The gate of the search: what people ask for is found, over every tool there is, with the real encoder."""

from __future__ import annotations

import asyncio

import pytest

from evals.retrieval.assembly import ask
from evals.retrieval.queries import select
from evals.retrieval.scoring import Answered, figures
from tests.builds import keep, seed
from tests.untraced import untraced
from tools.embedding import MiniLmEncoder
from tools.service import all_tools

DEV, HELD = (0.88, 0.975), (0.80, 0.955)
"""Recall at 1 and at 5 that is not to be lost. On held-out queries only the sum is told."""
BLIND = (0.75, 0.95)
"""What is promised, held against queries by somebody who knew neither the search nor the other queries."""


@pytest.fixture(scope="module")
def answers(encoder: MiniLmEncoder, tmp_path_factory: pytest.TempPathFactory) -> list[Answered]:
    """Every query, asked once over the curated tools and all templates."""
    folder = tmp_path_factory.mktemp("retrieval")
    cache = seed(folder)
    with untraced():
        found = asyncio.run(ask(select("all"), encoder, cache, all_tools(cache)))
    keep(folder)
    return found


def test_what_people_ask_for_is_found(answers: list[Answered]) -> None:
    dev = [answer for answer in answers if not answer.query.held_out]
    first, fifth = figures(dev).recall[1], figures(dev).recall[5]
    missed = [(a.query.text, a.rank, a.found[:5]) for a in dev if a.rank is None or a.rank > 5]
    second = [(a.query.text, a.found[:3]) for a in dev if a.rank != 1]

    assert fifth >= DEV[1], f"{fifth:.1%} among five; missed: {missed}"
    assert first >= DEV[0], f"{first:.1%} first; others: {second}"


def test_what_nobody_tuned_for_is_found_too(answers: list[Answered]) -> None:
    held = figures([answer for answer in answers if answer.query.split == "held"])

    assert held.recall[5] >= HELD[1]
    assert held.recall[1] >= HELD[0]


def test_what_is_promised_holds_for_queries_written_blind(answers: list[Answered]) -> None:
    blind = figures([answer for answer in answers if answer.query.split == "blind"])

    assert blind.recall[5] >= BLIND[1]
    assert blind.recall[1] >= BLIND[0]


def test_a_model_that_is_named_leads(answers: list[Answered]) -> None:
    named = [answer for answer in answers if answer.query.family == "by model" and not answer.query.held_out]

    assert [(answer.query.text, answer.found[:3]) for answer in named if answer.rank != 1] == []
