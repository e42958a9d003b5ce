"""Training on a kitchen, keeping the weights, and planning with and without them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from agent.taskplan import heads, weights
from agent.taskplan.decoding import Bars
from agent.taskplan.errors import WeightsBroken
from agent.taskplan.fitting import both_f1, fit_bars, fit_linker
from agent.taskplan.lessons import folds
from agent.taskplan.model import Evidence, Inventory, inventory
from agent.taskplan.planner import TaskPlanner
from agent.taskplan.spans import spans
from agent.taskplan.training import Pieces, Schedule, cross_fitted
from agent.taskplan.weights import Trained
from tests.agent.taskplan.kitchen import KITCHEN, lessons
from tests.untraced import EXHAUSTIVE
from tools.embedding import MiniLmEncoder
from tools.service import load_tools
from tools.testing import HashEncoder

pytestmark = EXHAUSTIVE

QUICK = Schedule(folds=3, repeats=1, epochs=30, hidden=8, batch=16)


async def taught(schedule: Schedule = QUICK) -> tuple[Trained, list[Evidence]]:
    encoder, told = HashEncoder(), lessons()
    cut = tuple(tuple(spans(lesson.request)) for lesson in told)
    vectors = tuple([(await encoder.encode([s.text for s in part])).astype(float) for part in cut])
    words = (await encoder.encode([tool.words for tool in KITCHEN.tools])).astype(float)
    everyone, unseen = cross_fitted(Pieces(cut, vectors), told, words, schedule, lambda _line: None)
    linker = fit_linker(told, unseen, KITCHEN, learnt=True)
    bars = fit_bars(told, unseen, KITCHEN, linker, Bars())
    return Trained(KITCHEN.fingerprint, encoder.name, tuple(everyone), linker, bars), unseen


async def test_what_was_learnt_serves_requests_that_were_not_seen() -> None:
    trained, unseen = await taught()
    tools, links = both_f1(lessons(), unseen, KITCHEN, trained.linker, trained.bars)
    assert tools > 0.95
    assert links > 0.95


async def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one.npz", "two.npz"):
        weights.save((await taught())[0], tmp_path / name)
    weights.save((await taught(replace(QUICK, seed=1)))[0], tmp_path / "other.npz")
    one, two, other = ((tmp_path / name).read_bytes() for name in ("one.npz", "two.npz", "other.npz"))
    assert one == two
    assert one != other


async def test_kept_weights_plan_as_the_trained_ones_did(tmp_path: Path) -> None:
    trained, _ = await taught()
    weights.save(trained, tmp_path / "kitchen.npz")
    kept = weights.load(tmp_path / "kitchen.npz")
    assert kept.bars == trained.bars
    planner = TaskPlanner(HashEncoder(), kept)
    plan = await planner.plan("Please wash the dirty parsnips, then chop the parsnips.", KITCHEN)
    assert [node.tool for node in plan.nodes] == ["Washer", "Chopper"]
    assert plan.links == ((0, 1),)
    assert plan.nodes[1].arguments == ("<node-0>",)
    pieces = spans("Please chop the leeks.")
    vectors = (await HashEncoder().encode([piece.text for piece in pieces])).astype(float)
    exact, rough = (heads.evidence(t.heads, pieces, vectors).tools for t in (trained, kept))
    assert np.abs(exact - rough).max() < 0.03  # eight bits


async def test_weights_hold_no_word_of_what_was_learnt(tmp_path: Path) -> None:
    weights.save((await taught())[0], tmp_path / "kitchen.npz")
    with np.load(tmp_path / "kitchen.npz") as file:
        stored = b"".join(file[name].tobytes() for name in file.files)
    assert not any(word in stored for word in (b"turnip", b"leeks", b"Washer", b"menu"))


async def test_weights_are_not_used_on_other_tools_nor_with_another_encoder(encoder: MiniLmEncoder) -> None:
    trained, _ = await taught()
    fewer = Inventory(KITCHEN.tools[:4])
    plain, armed = TaskPlanner(HashEncoder()), TaskPlanner(HashEncoder(), trained)
    request = "Please chop the leeks, then cook a soup from the leeks."
    assert await armed.plan(request, fewer) == await plain.plan(request, fewer)
    assert await armed.plan(request, KITCHEN) != await plain.plan(request, KITCHEN)
    with pytest.raises(WeightsBroken):
        TaskPlanner(encoder, trained)
    assert weights.for_inventory(KITCHEN.fingerprint, encoder.name) is None


@pytest.mark.parametrize("content", [b"", b"no weights", b"PK\x03\x04 half an archive"])
def test_a_file_that_holds_no_weights_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "broken.npz").write_bytes(content)
    with pytest.raises(WeightsBroken):
        weights.load(tmp_path / "broken.npz")
    with pytest.raises(WeightsBroken):
        weights.load(tmp_path / "absent.npz")


def test_folds_spread_every_sort_evenly_and_stay_the_same() -> None:
    told = lessons()
    assigned = folds(told, 3, 0)
    assert np.array_equal(assigned, folds(told, 3, 0))
    for stratum in {lesson.stratum for lesson in told}:
        counts = np.bincount([assigned[i] for i, lesson in enumerate(told) if lesson.stratum == stratum], minlength=3)
        assert counts.max() - counts.min() <= 1


async def test_zero_shot_plans_over_tools_it_never_heard_of(encoder: MiniLmEncoder) -> None:
    plan = await TaskPlanner(encoder).plan(
        "Wash the dirty carrots, chop the vegetables into small pieces and cook a soup from them.", KITCHEN
    )
    assert [node.tool for node in plan.nodes] == ["Washer", "Chopper", "Soup Cooker"]
    assert plan.links == ((0, 1), (1, 2))


async def test_the_same_code_plans_over_our_own_catalogue(encoder: MiniLmEncoder) -> None:
    own = inventory(
        [
            {"id": tool.name, "desc": tool.description, "input_type": [p.kind.value for p in tool.inputs.values()],
             "output_type": [p.kind.value for p in tool.outputs.values()]}
            for tool in load_tools()
        ]
    )  # fmt: skip
    plan = await TaskPlanner(encoder).plan("mirror the picture from left to right, then blur it softly", own)
    assert [node.tool for node in plan.nodes] == ["flip_image", "blur_image"]
    assert plan.links == ((0, 1),)


async def test_weights_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    trained, _ = await taught()
    linker = replace(trained.linker, weights=trained.linker.weights * np.nan)
    weights.save(replace(trained, linker=linker), tmp_path / "nan.npz")
    with pytest.raises(WeightsBroken, match="damaged"):
        weights.load(tmp_path / "nan.npz")
