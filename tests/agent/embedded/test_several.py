"""As many pictures as were asked for: one for each of a list, or so many of one."""

from __future__ import annotations

from itertools import pairwise

import pytest

from agent.embedded.clauses import split
from agent.embedded.planner import EmbeddedPlanner
from tests.agent.embedded.scenes import EMPTY, MADE, ask


@pytest.mark.parametrize(
    ("said", "pieces"),
    [
        ("a kite in orange, white and violet, one picture for each", ["a kite in orange", "a kite in white", "a kite in violet"]),
        ("a kite by a lake in orange and white, a picture per colour please",
         ["a kite by a lake in orange", "a kite by a lake in white"]),
        ("A kite in a barn in orange and white. One image per colour.",
         ["A kite in a barn in orange", "A kite in a barn in white"]),
        ("a kite in ink and chalk, two pictures", ["a kite in ink", "a kite in chalk"]),
        ("the same in ink, chalk and oil paint", ["the same but in ink", "the same but in chalk", "the same but in oil paint"]),
        ("a kite in orange, white and violet", ["a kite in orange, white and violet"]),
        ("the same in silver and gold", ["the same in silver and gold"]),
    ],
)  # fmt: skip
def test_one_for_each_is_as_many_requests(said: str, pieces: list[str]) -> None:
    assert [clause.text for clause in split(said)] == pieces


@pytest.mark.parametrize(("many", "counts"), [(3, [3]), (5, [4, 1]), (8, [4, 4]), (16, [4, 4, 4, 4]), (40, [4, 4, 4, 4])])
async def test_many_are_several_batches_with_seeds_of_their_own(planner: EmbeddedPlanner, many: int, counts: list[int]) -> None:
    planned = await ask(planner, EMPTY.request(f"{many} images of a windmill"))
    assert planned.plan is not None
    assert [step.params["count"] for step in planned.plan.steps] == counts
    seeds = [step.params["seed"] for step in planned.plan.steps]
    assert all(later - seed >= 4 for seed, later in pairwise(seeds))
    assert planned.reply.count("16") == (2 if many > 16 else int(many == 16))


async def test_what_follows_is_done_to_each_of_many(planner: EmbeddedPlanner) -> None:
    planned = await ask(planner, EMPTY.request("six pictures of a windmill, then sharpen them"))
    assert planned.plan is not None
    assert [step.tool for step in planned.plan.steps] == ["text_to_image"] * 2 + ["sharpen_image"] * 6
    assert planned.reply == "Painting 6 pictures: a windmill, then making it sharper."


async def test_a_list_after_a_picture_names_each_as_it_will_be(planner: EmbeddedPlanner) -> None:
    planned = await ask(planner, MADE.request("same again in chalk, ink and oil"))
    assert planned.plan is not None
    assert len(planned.plan.steps) == 3
    assert planned.reply == "Painting A1 in chalk, then painting A1 in ink, then painting A1 in oil."
