"""How long one waits and who is let in: the rules as tables and properties, then the line as people hear of it."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from accounts.service import Accounts
from base.ids import new_id
from base.settings import Limits
from executor.errors import LineFull, TooManyWaiting
from executor.model import Lane, Owner
from executor.records import eta_s, shape
from executor.testing import NODES, FaultyComfy
from executor.waiting.admission import Bounds, Crowd, Refusal, bound_s, refusal, retry_after_s
from executor.waiting.door import too_late
from executor.waiting.durations import Guess, Kind, Learned, Spread, bucket_of, guessed, middle, time_left
from executor.waiting.promising import Server, Waiter, behind, in_words, promises, worth_telling
from tests.executor.conftest import OWNER, Floor, create, eventually, resize
from tests.patience import PATIENCE_S
from tools.model import AssetRef, Estimate, Plan, Step

SECONDS = st.floats(0.02, 1e5)
KIND = Kind("text_to_image", 3, "a card")


# --- durations


@given(SECONDS)
def test_a_bucket_holds_what_is_a_fifth_apart(seconds: float) -> None:
    assert middle(bucket_of(seconds)) == pytest.approx(seconds, rel=0.1)


@given(SECONDS, st.floats(1.0, 20.0))
def test_a_guess_lies_around_its_estimate(low: float, factor: float) -> None:
    spread = guessed(low, low * factor)
    assert spread.quantile(0.05) <= (low * low * factor) ** 0.5 * 1.2
    assert spread.quantile(0.95) >= (low * low * factor) ** 0.5 / 1.2
    assert spread.total == pytest.approx(3.0)


@given(st.lists(SECONDS, min_size=1, max_size=30), st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_quantiles_are_in_order_and_within_what_was_seen(seen: list[float], one: float, other: float) -> None:
    spread = Spread({bucket: float(n) for bucket, n in Counter(map(bucket_of, seen)).items()})
    assert spread.quantile(min(one, other)) <= spread.quantile(max(one, other)) * 1.0001
    assert min(seen) / 1.2 <= spread.quantile(one) <= max(seen) * 1.2


@given(st.lists(SECONDS, min_size=1, max_size=30), st.floats(0.0, 1e6))
def test_what_is_left_is_always_something(seen: list[float], spent: float) -> None:
    left = Spread({bucket: float(n) for bucket, n in Counter(map(bucket_of, seen)).items()}).left(spent)
    assert left.mean > 0
    assert left.variance >= 0


def test_measurements_take_over_from_the_estimate() -> None:
    twenty = Learned({KIND: {bucket_of(20.0): 30.0}})
    assert Learned().measured(KIND.tool, KIND.size, KIND.device, (4.0, 10.0)) == (4.0, 10.0)
    low, high = twenty.measured(KIND.tool, KIND.size, KIND.device, (4.0, 10.0))
    assert 15 < low <= high < 25
    assert twenty.measured(KIND.tool, KIND.size, "another card", (4.0, 10.0)) == (4.0, 10.0)


def test_another_size_of_the_same_tool_tells_in_proportion() -> None:
    learned = Learned({KIND: {bucket_of(20.0): 30.0}})
    low, high = learned.measured(KIND.tool, KIND.size + 2, KIND.device, (4.0, 10.0))
    assert low < 40 < high
    assert learned.measured(KIND.tool, KIND.size + 7, KIND.device, (4.0, 10.0)) == (4.0, 10.0)


@given(st.floats(0.0, 1.0), st.floats(0.0, 1e4), SECONDS)
def test_the_time_left_is_never_negative_and_ends_at_nothing(fraction: float, spent: float, expected: float) -> None:
    left = time_left(fraction, spent, guessed(expected, expected * 2))
    assert left >= 0
    assert time_left(1.0, spent, guessed(expected, expected)) == 0.0


def test_half_way_the_run_itself_tells_how_long_it_takes() -> None:
    assert time_left(0.5, 30.0, guessed(55.0, 65.0)) == pytest.approx(30.0, rel=0.15)
    assert time_left(0.9, 90.0, guessed(10.0, 20.0)) == pytest.approx(10.0, rel=0.5)


# --- promises

GUESSES = st.builds(Guess, st.floats(0.1, 500), st.floats(0.0, 1e4))
LINES = st.lists(st.tuples(st.sampled_from("abc"), GUESSES, st.sets(st.sampled_from(["x", "y"]), min_size=1)), max_size=12)


def _line(jobs: list[tuple[str, Guess, set[str]]]) -> list[Waiter]:
    return [
        Waiter(f"{n:03}", account, frozenset(able), {"card": takes}) for n, (account, takes, able) in enumerate(jobs)
    ]


@given(LINES, st.lists(GUESSES, max_size=2), st.none() | st.integers(1, 3))
def test_everybody_gets_a_range_that_grows_along_the_line(
    jobs: list[tuple[str, Guess, set[str]]], holds: list[Guess], at_once: int | None
) -> None:
    everywhere = [(account, takes, {"x", "y"}) for account, takes, _ in jobs]
    given_ = promises(_line(everywhere), [Server("x", "card", tuple(holds)), Server("y", "card")], None)
    assert [promise.place for promise in given_.values()] == list(range(1, len(jobs) + 1))
    assert all(0 <= promise.low_s < promise.high_s for promise in given_.values())
    limited = promises(_line(everywhere), [Server("x", "card", tuple(holds)), Server("y", "card")], at_once)
    assert limited.keys() == given_.keys()


@given(LINES)
def test_another_instance_makes_nobody_wait_longer(jobs: list[tuple[str, Guess, set[str]]]) -> None:
    same = [(account, Guess(10.0, 4.0), {"x", "y"}) for account, _, _ in jobs]
    alone = promises(_line(same), [Server("x", "card")])
    both = promises(_line(same), [Server("x", "card"), Server("y", "card")])
    assert all(both[name].high_s <= alone[name].high_s for name in alone)


def test_what_an_instance_holds_already_comes_first() -> None:
    job = _line([("a", Guess(10.0, 1.0), {"x"})])
    held = promises(job, [Server("x", "card", (Guess(30.0, 9.0), Guess(10.0, 1.0)))])["000"]
    assert held.low_s < 40 < held.high_s
    assert promises(job, [Server("x", "card")])["000"].low_s == 0.0


def test_beyond_their_limit_people_wait_for_their_own() -> None:
    jobs = _line([("a", Guess(50.0, 1.0), {"x", "y"}), ("a", Guess(5.0, 1.0), {"x", "y"})])
    servers = [Server("x", "card"), Server("y", "card")]
    assert promises(jobs, servers, 1)["001"].high_s > 50 > promises(jobs, servers, 2)["001"].high_s


def test_low_priority_is_told_of_those_who_will_go_first() -> None:
    assert behind(Lane.NORMAL, 0, 0.0) == 0.0
    assert behind(Lane.LOW, 0, 120.0) == 8.0
    jobs = _line([("a", Guess(5.0, 1.0), {"x"})])
    servers = [Server("x", "card", (Guess(100.0, 9.0),))]
    low = promises([replace(jobs[0], behind=8.0)], servers)["000"]
    assert low.high_s > promises(jobs, servers)["000"].high_s


@pytest.mark.parametrize(
    ("told", "place", "news"),
    [(None, 1, True), (3, 3, False), (3, 2, True), (500, 499, False), (500, 450, True), (25, 21, True), (100, 20, True)],
)
def test_far_behind_not_every_step_is_news(told: int | None, place: int, news: bool) -> None:
    assert worth_telling(told, place) is news


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(2, "about 5 seconds"), (42, "about 40 seconds"), (60, "about a minute"), (170, "about 3 minutes"), (7000, "about 2 hours")],
)
def test_a_wait_in_words(seconds: float, words: str) -> None:
    assert in_words(seconds) == words


# --- who is let in

PEOPLE = st.sampled_from("abc")
BOUNDS = st.builds(Bounds, st.integers(1, 50), st.floats(1, 1e4), st.floats(1, 1e4))
CROWDS = st.builds(Crowd, st.integers(0, 100), st.floats(0, 2e4))


@given(st.sampled_from(Lane), st.integers(1, 12), CROWDS, BOUNDS)
def test_nobody_is_refused_below_the_bounds_and_low_never_let_in_above(
    lane: Lane, adding: int, crowd: Crowd, bounds: Bounds
) -> None:
    why = refusal(lane, adding, crowd, bounds)
    if lane is Lane.HIGH:
        assert why is None
    elif crowd.wait_s > bound_s(lane, bounds):
        assert why is not None
    elif crowd.own + adding <= bounds.own:
        assert why is None
    if lane is Lane.LOW and crowd.wait_s > bounds.low_s:
        assert why is not None
    if lane is Lane.NORMAL and why is Refusal.CROWD:
        assert refusal(Lane.LOW, adding, crowd, bounds) is Refusal.CROWD
    if why is not None:
        assert 5 <= retry_after_s(lane, why, crowd, bounds, 30.0) <= 3600


def test_whoever_has_nothing_waiting_may_bring_more_than_may_wait() -> None:
    assert refusal(Lane.NORMAL, 12, Crowd(0, 0.0), Bounds(3, 10.0, 20.0)) is None
    assert refusal(Lane.NORMAL, 3, Crowd(1, 0.0), Bounds(3, 10.0, 20.0)) is Refusal.OWN


# --- on the floor


def sized(step: Step, seconds: tuple[float, float] = (1.0, 3.0)) -> Step:
    return step.model_copy(update={"seconds": seconds, "size": 4})


async def order(floor: Floor, executor: object, *steps: Step, lane: Lane = Lane.NORMAL, owner: Owner = OWNER) -> str:
    async with floor.db.write() as tx:
        plan = Plan(id=new_id(), summary="", steps=steps, estimate=Estimate(seconds=(10, 30)))
        return await executor.runs.start(  # type: ignore[attr-defined, no-any-return]
            tx, plan, owner, origin=None, correlation_id="c", lane=lane
        )


async def test_what_was_measured_is_told_the_next_time(both: Floor, comfy: FaultyComfy) -> None:
    async with both.open(comfy.url) as executor:
        for _ in range(2):
            await both.until(await order(both, executor, sized(create())))
    async with both.open(comfy.url) as again:
        low, _ = again.pool.timings().measured("text_to_image", 4, None, (100.0, 300.0))
    assert low < 3


async def test_nothing_is_learned_from_what_is_incognito(floor: Floor, comfy: FaultyComfy) -> None:
    secret = Owner(OWNER.account_id, "incognito", "conversation-9")
    async with floor.open(comfy.url) as executor:
        async with floor.db.write() as tx:
            await floor.keys.create(tx, secret.scope, secret.account_id, secret.tier)
        await floor.until(await order(floor, executor, sized(create()), owner=secret))
    async with floor.open(comfy.url) as again:
        assert again.pool.timings().measured("text_to_image", 4, None, (100.0, 300.0)) == (100.0, 300.0)


async def test_too_many_of_ones_own_are_refused_and_nothing_of_them_stays(both: Floor) -> None:
    async with both.open("http://127.0.0.1:9", work=False, limits=Limits(queued_jobs=2)) as executor:
        runs = [await order(both, executor, create()) for _ in range(2)]
        with pytest.raises(TooManyWaiting) as refused:
            await order(both, executor, create())
        assert refused.value.status == 429
        assert refused.value.facts["retry_after"] >= 5
        assert [run.id for run in (await executor.runs.page(OWNER.account_id, None, 9))[0]] == runs[::-1]
        await order(both, executor, create(), lane=Lane.HIGH)
        await executor.runs.cancel(runs[0], OWNER.account_id)
        await executor.runs.cancel(runs[1], OWNER.account_id)
        await order(both, executor, create())


async def test_a_run_that_waits_for_a_yes_counts_and_its_yes_is_never_refused(both: Floor) -> None:
    async with both.open("http://127.0.0.1:9", work=False, limits=Limits(queued_jobs=2)) as executor:
        offered = await both.start(executor, create(), waiting=True)
        await order(both, executor, create())
        with pytest.raises(TooManyWaiting):
            await order(both, executor, create())
        await executor.runs.confirm(offered, OWNER.account_id)


async def test_of_runs_at_the_same_moment_no_more_are_let_in_than_may_wait(both: Floor) -> None:
    async with both.open("http://127.0.0.1:9", work=False, limits=Limits(queued_jobs=3)) as executor:
        ends = await asyncio.gather(*(order(both, executor, create()) for _ in range(8)), return_exceptions=True)
    assert sum(isinstance(end, TooManyWaiting) for end in ends) == 5


async def test_a_long_line_turns_low_priority_away_first(both: Floor) -> None:
    limits = Limits(line_seconds_low=30, line_seconds=110)
    async with both.open("http://127.0.0.1:9", work=False, limits=limits) as executor:
        for _ in range(2):  # twenty seconds each
            await order(both, executor, create())
        with pytest.raises(LineFull) as refused:
            await order(both, executor, create(), lane=Lane.LOW)
        await order(both, executor, create())
        with pytest.raises(LineFull) as normal:
            for _ in range(9):
                await order(both, executor, create())
        await order(both, executor, create(), lane=Lane.HIGH)
    assert "normal priority" in refused.value.next_step
    assert "normal priority" not in normal.value.next_step


async def test_nobody_is_refused_for_the_line_of_somebody_else(both: Floor) -> None:
    """A stranger filled the low lane; who is new there comes by turns, so nearly at once."""
    other = await both.person("account-2")
    async with both.open("http://127.0.0.1:9", work=False, limits=Limits(line_seconds_low=60)) as executor:
        with pytest.raises(LineFull):
            for _ in range(20):
                await order(both, executor, create(), lane=Lane.LOW)
        await order(both, executor, create(), lane=Lane.LOW, owner=other)
        with pytest.raises(LineFull):
            await order(both, executor, create(), lane=Lane.LOW)


async def test_accounts_made_from_one_address_have_one_limit_together(both: Floor) -> None:
    people = Accounts(both.db, both.keys, both.clock, b"c" * 32)
    owners = []
    for address in (*["192.0.2.1"] * 4, "192.0.2.2", "127.0.0.1"):
        account = await people.create_anonymous(address)
        owners.append(Owner(account.id, "standard", account.scope))
    async with both.open("http://127.0.0.1:9", work=False, limits=Limits(address_jobs=3)) as executor:
        for owner in owners[:3]:
            await order(both, executor, create(), owner=owner)
        with pytest.raises(TooManyWaiting) as refused:
            await order(both, executor, create(), owner=owners[3])
        for owner in (*owners[4:], owners[5], owners[5], owners[5]):
            await order(both, executor, create(), owner=owner)
    assert (refused.value.facts["maximum"], refused.value.detail[:2]) == (3, "3 ")
    assert f"in {in_words(refused.value.facts['retry_after'])}" in refused.value.next_step


async def test_who_asks_for_a_run_hears_the_line_and_what_is_left(both: Floor, comfy: FaultyComfy) -> None:
    comfy.hold.clear()
    async with both.open(comfy.url) as executor:
        runs = [await order(both, executor, sized(create())) for _ in range(4)]
        await eventually(lambda: len(comfy.prompts) == 2)
        async with asyncio.timeout(PATIENCE_S):
            while (first := (await executor.runs.jobs(runs[0]))[0]).left_s is None:
                await asyncio.sleep(0.01)
        [last] = await executor.runs.jobs(runs[3])
        told = shape(last, both.clock.now())
        assert told["place"] in (1, 2, 3, 4)
        assert 0 <= told["eta_s"][0] <= told["eta_s"][1]
        assert told["left_s"] is None
        now = shape(first, both.clock.now())
        assert (now["place"], now["eta_s"], now["left_s"] > 0) == (None, None, True)
        comfy.hold.set()
        await both.until(runs[3])
        [done] = await executor.runs.jobs(runs[3])
        assert [shape(done, both.clock.now())[name] for name in ("place", "eta_s", "left_s")] == [None, None, None]


@given(st.floats(-100, 100), st.floats(0, 100))
def test_what_was_told_grows_shorter_and_is_no_more_when_it_is_over(low: float, width: float) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    starts = now + timedelta(seconds=low), now + timedelta(seconds=low + width)
    told = eta_s(starts, now)
    if starts[1] <= now:
        assert told is None
    else:
        assert told is not None
        assert 0 <= told[0] <= told[1]
        assert abs(told[1] - (low + width)) <= 0.1


async def test_sentence_action_and_header_of_a_refusal_say_the_same(both: Floor) -> None:
    async with both.open("http://127.0.0.1:9", work=False, limits=Limits(line_seconds_low=60)) as executor:
        with pytest.raises(LineFull) as refused:
            for _ in range(20):
                await order(both, executor, create(), lane=Lane.LOW)
    after = refused.value.facts["retry_after"]
    assert f"in {in_words(after)}" in refused.value.next_step
    assert in_words(60 + after) in refused.value.detail or "a little later" in refused.value.detail


@given(st.sampled_from([Lane.LOW, Lane.NORMAL]), st.floats(1, 2e4), st.floats(0.01, 2e4), st.floats(0, 1e5))
def test_a_refusal_names_two_figures_only_where_they_differ(lane: Lane, bound: float, excess: float, total: float) -> None:
    bounds = Bounds(9, bound, bound)
    said = too_late(lane, bound + excess, bounds)
    first, second = said.split("; ")
    assert in_words(bound) in second
    assert (in_words(bound + excess) == in_words(bound)) == ("a little later" in first)
    assert retry_after_s(lane, Refusal.CROWD, Crowd(0, bound + excess, total), bounds, 0.0) >= min(3600, excess) - 1


def test_the_house_as_a_whole_has_a_bound_far_above() -> None:
    bounds = Bounds(9, 10.0, 20.0)
    assert refusal(Lane.LOW, 1, Crowd(0, 1.0, 239.0), bounds) is None
    assert refusal(Lane.LOW, 1, Crowd(0, 1.0, 241.0), bounds) is Refusal.HOUSE
    assert refusal(Lane.NORMAL, 1, Crowd(0, 1.0, 300.0), bounds) is Refusal.HOUSE
    assert retry_after_s(Lane.NORMAL, Refusal.HOUSE, Crowd(0, 1.0, 300.0), bounds, 0.0) == 60


async def test_beyond_the_limit_of_a_person_others_go_first(both: Floor, comfy: FaultyComfy) -> None:
    comfy.hold.clear()
    other = await both.person("account-2")
    async with both.open(comfy.url, limits=Limits(running_jobs=1)) as executor:
        mine = [await order(both, executor, create()) for _ in range(2)]
        await eventually(lambda: len(comfy.prompts) == 1)
        theirs = await order(both, executor, create(), owner=other)
        await eventually(lambda: len(comfy.prompts) == 2)
        assert [job.status.value for job in [await executor.runs.get(mine[1], OWNER.account_id)]] == ["active"]
        comfy.hold.set()
        for run_id in (*mine, theirs):
            assert (await both.until(run_id))[-1].type == "run.completed"


async def told_late(floor: Floor, run_id: str) -> list[dict[str, Any]]:
    """What a run was told, up to and with the sentence that it takes longer."""
    told = []
    async with asyncio.timeout(PATIENCE_S):
        async for event in floor.events.follow(f"run:{run_id}"):
            told.append(event.data)
            if "message" in event.data and event.number is not None:
                break
    return told


async def test_a_broken_promise_is_taken_back_aloud(both: Floor, comfy: FaultyComfy) -> None:
    comfy.hold.clear()
    async with both.open(comfy.url) as executor:
        for _ in range(2):
            await order(both, executor, sized(create()))
        await eventually(lambda: len(comfy.prompts) == 2)
        last = await order(both, executor, sized(create()))
        async with both.db.write() as tx:  # as if the time that was promised had passed
            await tx.execute(text("UPDATE jobs SET promised_until = created_at WHERE status = 'queued'"))
        told = await told_late(both, last)
        comfy.hold.set()
        await both.until(last)
    assert told[0].get("message") is None
    assert told[-1]["message"].startswith("This takes longer than I said: about ")
    assert told[-1]["eta_s"][1] > 5


async def test_nobody_is_promised_a_time_while_the_server_they_need_is_away(both: Floor, comfy: FaultyComfy) -> None:
    """They heard whom they wait for; a sentence about seconds would take the place of that and be a lie."""
    plain = [name for name in NODES if name != "KSampler"]
    async with FaultyComfy(nodes=plain) as other, both.open(comfy.url, other.url, renderer=None) as executor:
        first = await order(both, executor, create())
        await both.until(first)
        [made] = await executor.runs.assets(first)
        other.hold.clear()
        await comfy.die()
        painting = await order(both, executor, create(prompt="another"))
        assert (await both.until(painting, "run.waiting"))[-1].data["reason"]
        for name in ("s1", "s2"):
            await order(both, executor, resize(name, AssetRef(asset_id=made.id)))
        await eventually(lambda: len(other.prompts) == 2)
        last = await order(both, executor, resize("s3", AssetRef(asset_id=made.id)))
        async with both.db.write() as tx:
            await tx.execute(text("UPDATE jobs SET promised_until = created_at WHERE status = 'queued'"))
        await told_late(both, last)
        await executor.runs.cancel(painting, OWNER.account_id)
        heard = [event.type for event in await both.until(painting)]
        other.hold.set()
    assert heard[-2:] == ["run.waiting", "run.cancelled"]


def test_a_promise_says_until_when_it_holds() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    promise = promises(_line([("a", Guess(1.0, 0.0), {"x"})]), [Server("x", "card", (Guess(60.0, 1.0),))])["000"]
    assert promise.until(now) == now + timedelta(seconds=promise.high_s)
