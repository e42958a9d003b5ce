"""A scorer, an answer, an expected verdict: one oddity each."""

from __future__ import annotations

import pytest

from evals import scorers
from evals.model import Answer, Case, Expected


def test_what_is_not_expected_is_not_scored() -> None:
    scores = scorers.score(Case(name="n", text="t", expect=Expected(kinds=("chat",))), Answer(kinds=("chat",)))

    assert scores == {"intent": 1}


@pytest.mark.parametrize(
    ("wanted", "given", "score"),
    [
        (("create",), ("create",), 1),
        (("create", "chain"), ("chain", "create"), 0),
        (("create",), ("create", "chat"), 0),
        ((), (), 1),
    ],
)
def test_intents_are_compared_in_order(wanted: tuple[str, ...], given: tuple[str, ...], score: int) -> None:
    assert scorers.intent(Expected(kinds=wanted), Answer(kinds=given)) == score


@pytest.mark.parametrize(
    ("wanted", "given", "score"),
    [
        (("a|b",), ("b",), 1),
        (("a|b",), ("ab",), 0),
        (("a",), ("a", "a"), 0),
        ((), ("a",), 0),
        (("a", "b"), ("a",), 0),
    ],
)
def test_tools_may_have_alternatives_but_no_company(wanted: tuple[str, ...], given: tuple[str, ...], score: int) -> None:
    assert scorers.tool(Expected(tools=wanted), Answer(tools=given)) == score


def test_handles_are_a_set() -> None:
    assert scorers.handles(Expected(on=("A1", "A2")), Answer(on=("A2", "A1"))) == 1
    assert scorers.handles(Expected(on=()), Answer(on=("A1",))) == 0


@pytest.mark.parametrize(("given", "score"), [({"factor": 2.0}, 1), ({"factor": "2"}, 1), ({"factor": 3}, 0), ({}, 0)])
def test_numbers_are_compared_as_numbers(given: dict[str, object], score: int) -> None:
    assert scorers.params(Expected(params={"factor": 2}), Answer(params=({"other": 1}, given))) == score


def test_words_are_compared_as_words() -> None:
    assert scorers.params(Expected(params={"ratio": "16:9"}), Answer(params=({"ratio": "16:9"},))) == 1


def test_asking_and_acting() -> None:
    assert scorers.asks(Expected(asks=True), Answer(asks=True)) == 1
    assert scorers.action(Expected(action="cancel"), Answer(actions=("cancel", "select"))) == 0


def test_the_best_of_the_right_answers_counts_as_a_whole() -> None:
    case = Case(
        name="n", text="t", expect=Expected(kinds=("iterate",), tools=("a",)), alt=({"kinds": ("chain",), "tools": ("b",)},)
    )

    assert scorers.score(case, Answer(kinds=("chain",), tools=("b",))) == {"intent": 1, "tool": 1}
    assert sum(scorers.score(case, Answer(kinds=("iterate",), tools=("b",))).values()) == 1
