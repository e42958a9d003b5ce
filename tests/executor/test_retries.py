"""What follows a failed attempt: as a table, and as promises about any history."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from executor.comfy.attribution import DEADLY
from executor.comfy.faults import LATE
from executor.model import FaultKind, JobEnding, JobStatus, Setback
from executor.retries import MOST, ROOM, Over, Retry, counts, decide, died_of, excused, failed_on

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PAUSES = (0.0, 30.0, 120.0)
PATIENCE = 1800.0
DEAD = Over(JobStatus.DEAD, JobEnding.GIVEN_UP)
TOO_LARGE = "This needs more memory than the render servers have: one with more of it ran out of it too."
WORDS = {
    "broken": (FaultKind.HOST, "host_failed", True), "unsent": (FaultKind.HOST, "host_failed", False),
    "died": (FaultKind.HOST, "host_lost", True), "hung": (FaultKind.HOST, "no_progress", True),
    "away": (FaultKind.CONNECTION, "instance_away", True), "model": (FaultKind.MODEL, "model_missing", True),
    "memory": (FaultKind.JOB, "out_of_memory", True), "black": (FaultKind.MODEL, "not_a_number", True),
    "job": (FaultKind.JOB, "node_failed", True), "unread": (FaultKind.JOB, "input_unreadable", True),
    "refused": (FaultKind.HOST, "not_taken", False), "untaken": (FaultKind.CONNECTION, "not_taken", False),
    "late": (FaultKind.JOB, "too_slow", True),
}  # fmt: skip


def _history(words: str, every_s: float = 1.0) -> list[Setback]:
    """`broken@a away@b` is two setbacks, a second apart; without a name it is host a."""
    found = []
    for number, word in enumerate(words.split()):
        name, _, host = word.partition("@")
        kind, code, submitted = WORDS[name]
        found.append(Setback(NOW + timedelta(seconds=number * every_s), host or "a", kind, code, submitted))
    return found


@pytest.mark.parametrize(
    ("words", "elsewhere", "decision"),
    [
        # at once, after 30 s, after 2 min, then dead
        ("broken", False, Retry(0.0)),
        ("broken broken", False, Retry(30.0)),
        ("broken broken broken", False, Retry(120.0)),
        ("broken broken broken broken", False, DEAD),
        ("broken broken broken broken", True, DEAD),
        # two hosts are enough
        ("broken@a broken@b", True, DEAD),
        ("broken@a away@b", True, Retry(0.0)),
        ("broken@a away@b broken@a", True, Retry(30.0)),
        # a single host that dies twice over it is not killed a third time
        ("died", False, Retry(0.0)),
        ("died died", False, DEAD),
        ("died hung", False, DEAD),
        ("died died", True, Retry(30.0)),
        ("died broken died", False, Retry(120.0)),
        ("died away died", False, DEAD),
        # lost connections are no attempts
        ("away", False, Retry(0.0)),
        ("away away", False, Retry(30.0)),
        ("away away away", False, Retry(120.0)),
        ("away away away away away away", False, Retry(120.0)),
        ("broken away away", False, Retry(30.0)),
        ("away away away away broken", False, Retry(0.0)),
        # nor is what never reached the host
        ("unsent unsent unsent unsent unsent", False, Retry(120.0)),
        # a model that is missing: where it is, or nowhere
        ("model", True, Retry(0.0)),
        ("model", False, Over(JobStatus.DEAD, JobEnding.MODEL_FAULT)),
        ("model@a model@b model@c model@d", True, Over(JobStatus.DEAD, JobEnding.MODEL_FAULT)),
        ("black", False, Over(JobStatus.FAILED, JobEnding.MODEL_FAULT)),
        # too little memory: once where there is more, and no third host
        ("memory", True, Retry(0.0)),
        ("memory@a memory@b", True, Over(JobStatus.FAILED, JobEnding.JOB_FAULT, TOO_LARGE)),
        ("memory@a memory@a", True, Over(JobStatus.FAILED, JobEnding.JOB_FAULT, TOO_LARGE)),
        ("memory@a away@b memory@b", True, Over(JobStatus.FAILED, JobEnding.JOB_FAULT, TOO_LARGE)),
        ("broken@a memory@b", True, DEAD),
        ("memory@a broken@b", True, DEAD),
        ("broken@a memory@a", True, Retry(0.0)),
        ("memory", False, Over(JobStatus.FAILED, JobEnding.JOB_FAULT)),
        # the job's own fault
        ("unread", True, Over(JobStatus.FAILED, JobEnding.JOB_FAULT)),
        # a node's own exception: once more elsewhere, and then it is the job's
        ("job", False, Over(JobStatus.FAILED, JobEnding.JOB_FAULT)),
        ("job", True, Retry(0.0)),
        ("job@a job@b", True, Over(JobStatus.FAILED, JobEnding.JOB_FAULT)),
        ("job@a job@a", True, Over(JobStatus.FAILED, JobEnding.JOB_FAULT)),
        ("broken@a job@b", True, Over(JobStatus.FAILED, JobEnding.JOB_FAULT)),
        ("job@a broken@b", True, DEAD),
        ("refused@a job@b", True, Retry(0.0)),
        # what a host does not take is no attempt
        ("refused", True, Retry(0.0)),
        ("refused@a refused@b untaken@a untaken@a", True, Retry(120.0)),
        ("late", True, Over(JobStatus.FAILED, JobEnding.DEADLINE)),
        ("broken job", False, Over(JobStatus.FAILED, JobEnding.JOB_FAULT)),
    ],
)
def test_retries(words: str, elsewhere: bool, decision: Any) -> None:
    assert decide(_history(words), elsewhere=elsewhere, patience_s=PATIENCE, pauses=PAUSES) == decision


def test_lost_connections_end_when_patience_does() -> None:
    decision = decide(_history("broken away away away", every_s=900), elsewhere=False, patience_s=PATIENCE)
    assert decision == Over(JobStatus.DEAD, JobEnding.DEADLINE)
    again = decide(_history("away away broken away", every_s=900), elsewhere=False, patience_s=PATIENCE)
    assert again == Retry(0.0)  # an attempt in between shows that it is there after all


def test_a_connection_that_was_mended_does_not_count_into_the_next_one() -> None:
    first, second = _history("away away", every_s=PATIENCE + 1)
    assert decide([first, second], elsewhere=False, patience_s=PATIENCE) == Over(JobStatus.DEAD, JobEnding.DEADLINE)
    assert decide([replace(first, excused=True), second], elsewhere=False, patience_s=PATIENCE) == Retry(0.0)


@pytest.mark.parametrize(
    ("words", "died", "elsewhere", "decision"),
    [
        # the server is met again, without it
        ("away", {0}, False, Retry(0.0)),
        ("away away", {0}, False, Retry(0.0)),
        ("away away", {0, 1}, False, DEAD),
        ("away away", {0, 1}, True, Retry(30.0)),
        ("died away", {1}, False, DEAD),
        ("away broken", {0}, False, Retry(30.0)),
        # two took turns at coming back while the other one died
        ("away@a away@b", {0}, True, Retry(0.0)),
        ("away@a away@b away@a", {0, 1}, True, DEAD),
        ("away away away away away", {0, 1, 2, 3}, True, DEAD),
        # what is found again counts as before
        ("away away", set(), False, Retry(30.0)),
    ],
)
def test_a_lost_connection_that_was_a_death_counts(words: str, died: set[int], elsewhere: bool, decision: Any) -> None:
    doubted = [replace(one, prompt_id=f"p{number}") for number, one in enumerate(_history(words))]
    known = died_of(doubted, {f"p{number}" for number in died})
    assert decide(known, elsewhere=elsewhere, patience_s=PATIENCE, pauses=PAUSES) == decision
    assert [one.code == "host_lost" and counts(one) for one in known[: len(died)]] == [True] * len(died)


HISTORIES = st.lists(
    st.builds(
        lambda word, host: f"{word}@{host}", st.sampled_from([w for w in WORDS if w != "unread"]), st.sampled_from("abc")
    ),
    min_size=1, max_size=12,
).map(lambda words: _history(" ".join(words)))  # fmt: skip


@given(HISTORIES, st.booleans())
def test_the_promises_hold_for_any_history(history: list[Setback], elsewhere: bool) -> None:
    decision = decide(history, elsewhere=elsewhere, patience_s=PATIENCE, pauses=PAUSES)
    attempts = [one for one in history if counts(one)]
    if isinstance(decision, Over):
        assert decision.status in (JobStatus.FAILED, JobStatus.DEAD)
        assert decision.ending is not JobEnding.GIVEN_UP or decision.status is JobStatus.DEAD
        assert decision.ending is not JobEnding.DEADLINE or (decision.status is JobStatus.DEAD) == (history[-1].code != LATE)
        return
    assert decision.after_s in PAUSES
    if counts(history[-1]):
        assert len(attempts) < MOST
        assert len({one.instance for one in attempts}) == 1
    if counts(history[-1]) and history[-1].kind is FaultKind.HOST:
        assert elsewhere or [one.code in DEADLY for one in attempts[-2:]] != [True, True]
    if history[-1].kind in (FaultKind.MODEL, FaultKind.JOB):
        assert elsewhere
    if history[-1].code in ROOM:
        assert [one.code in ROOM for one in attempts].count(True) == 1


@given(HISTORIES, st.booleans(), st.data())
def test_a_job_is_never_tried_for_ever(history: list[Setback], elsewhere: bool, data: st.DataObject) -> None:
    """Whatever goes wrong from here on, at the pauses that are decided, it ends."""
    for _ in range(60):
        decision = decide(history, elsewhere=elsewhere, patience_s=PATIENCE, pauses=PAUSES)
        if isinstance(decision, Over):
            return
        word, host = data.draw(st.sampled_from(sorted(WORDS))), data.draw(st.sampled_from("abc"))
        at = history[-1].at + timedelta(seconds=decision.after_s + 1)
        kind, code, submitted = WORDS[word]
        history = [*history, Setback(at, host, kind, code, submitted)]
    raise AssertionError("still trying")


def test_a_lost_connection_does_not_make_a_host_one_to_avoid() -> None:
    assert failed_on(_history("away@a broken@b model@c broken@b")) == ("b", "c")


def test_a_host_that_does_not_take_it_is_one_to_avoid_as_soon_as_that_is_sure() -> None:
    """What got no answer may have been on its way: it is asked for there once more."""
    assert failed_on(_history("refused@a untaken@b")) == ("a",)
    again = _history("untaken@b away@b untaken@b")
    assert failed_on(again) == ("b",)
    assert failed_on([replace(again[0], excused=True), *again[1:]]) == ()


def test_what_a_failing_host_did_is_no_attempt_at_a_node_either() -> None:
    """Two that fail everybody are not two that speak against the job."""
    known = excused(_history("job@a job@b"), {"a", "b"})
    assert [counts(one) for one in known] == [False, False]
    assert decide(known, elsewhere=True, patience_s=PATIENCE) == Retry(0.0)
    assert decide(known, elsewhere=False, patience_s=PATIENCE) == Over(JobStatus.FAILED, JobEnding.JOB_FAULT)
