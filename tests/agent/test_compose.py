"""From a draft to a checked plan: the same refusals for every planner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from agent.compose import MAX_STEPS, compose, reseeded, total
from agent.model import Draft, DraftStep, PlanningRequest, Shown
from base.errors import Problem
from tests.agent.embedded.scenes import (
    BROUGHT,
    BUSY,
    EMPTY,
    MADE,
    REAL,
    THREE,
    Scene,
    Tools,
    output,
    sketcher,
    workshop,
)
from tools.errors import (
    BadBlank,
    BadInput,
    BadParameter,
    BadPlan,
    BlankMissing,
    FileTooLarge,
    LettersMissing,
    ToolNotFound,
    ToolUnavailable,
)
from tools.model import (
    AssetRef,
    Availability,
    Capabilities,
    Estimate,
    MediaKind,
    Parameter,
    Plan,
    Port,
    RecipeStep,
    Size,
    StepRef,
    Tool,
)
from tools.spells.model import Spell


class Catalogue(Tools):
    """The curated tools; an unknown name is a typed error."""

    def get(self, name: str) -> Tool:
        try:
            return super().get(name)
        except KeyError:
            raise ToolNotFound from None

    def availability(self, tool: Tool, capabilities: Sequence[Capabilities]) -> Availability:
        return super().availability(tool, capabilities)


def step(name: str, tool: str, source: str | None = None, **params: Any) -> DraftStep:
    return DraftStep(name, tool, params, {"image": (source,)} if source else {})


def plan(request: PlanningRequest, *steps: DraftStep, notes: tuple[tuple[str, str], ...] = ()) -> Plan:
    return compose(Draft("a summary", steps, notes), request, Catalogue(), "p1")


def test_a_chain_has_sizes_links_and_one_delivery() -> None:
    made = plan(
        BROUGHT.request(""),
        step("s1", "crop_image", "A1", ratio="1:1"),
        step("s2", "resize_image", "s1", factor=2),
        step("s3", "rotate_image", "s2"),
    )
    assert [s.deliver for s in made.steps] == [False, False, True]
    assert made.steps[0].inputs == {"image": (AssetRef(asset_id="asset-A1", handle="A1"),)}
    assert made.steps[2].inputs == {"image": (StepRef(step_id="s2"),)}
    assert (made.id, made.summary) == ("p1", "a summary")


def test_a_step_that_was_asked_for_by_name_is_delivered_though_another_uses_it() -> None:
    inner = DraftStep("s1", "crop_image", {}, {"image": ("A1",)}, deliver=True)
    assert [s.deliver for s in plan(MADE.request(""), inner, step("s2", "blur_image", "s1")).steps] == [
        True,
        True,
    ]


def test_neutral_sliders_are_left_out_and_the_seed_is_kept() -> None:
    made = plan(
        EMPTY.request(""),
        step("s1", "text_to_image", prompt="a fox", seed=0),
        step("s2", "adjust_color", "s1", vibrance=0.3),
    )
    assert made.steps[0].params["seed"] == 0
    assert made.steps[1].params == {"vibrance": 0.3}


def test_the_plan_names_the_model_file() -> None:
    assert (
        plan(EMPTY.request(""), step("s1", "text_to_image", prompt="a fox")).steps[0].params["checkpoint"]
        == "sketch.safetensors"
    )


def test_a_picture_that_still_renders_is_waited_for() -> None:
    made = plan(BUSY.request(""), step("s1", "blur_image", "run:r1:s1"))
    assert made.steps[0].inputs == {"image": (StepRef(step_id="s1", run_id="r1"),)}


def test_sketches_are_announced_once() -> None:
    made = plan(
        EMPTY.request(""),
        step("s1", "text_to_image", prompt="a fox"),
        step("s2", "text_to_image", prompt="a cat"),
    )
    assert [warning.code for warning in made.warnings] == ["sketch"]


def test_where_no_worker_runs_the_plan_says_that_it_waits() -> None:
    request = EMPTY.request("")
    idle = replace(request, capabilities=tuple(replace(each, unattended=True) for each in request.capabilities))
    made = plan(idle, step("s1", "text_to_image", prompt="a fox"), step("s2", "text_to_image", prompt="a cat"))
    assert [warning.code for warning in made.warnings] == ["sketch", "no_worker"]


def test_notes_of_the_planner_are_warnings() -> None:
    made = plan(MADE.request(""), step("s1", "crop_image", "A1"), notes=(("resampled", "No upscale model."),))
    assert [(w.code, w.message) for w in made.warnings] == [("resampled", "No upscale model.")]


def test_embedded_work_is_free_and_real_work_costs() -> None:
    assert plan(EMPTY.request(""), step("s1", "text_to_image", prompt="a fox")).estimate.credits == (0.0, 0.0)
    assert plan(REAL.request(""), step("s1", "sdxl", prompt="a fox")).estimate.credits[1] > 0


def test_plain_work_goes_to_the_cpu_where_there_is_one() -> None:
    helper = Capabilities(sketcher().nodes, samplers=False)
    scene = Scene((output("A1"),), instances=(workshop(), helper))
    assert plan(scene.request(""), step("s1", "crop_image", "A1")).estimate.credits == (0.0, 0.0)


def test_a_step_runs_where_its_own_settings_can() -> None:
    assert (
        plan(REAL.request(""), step("s1", "adjust_color", "A1", brightness=0.2)).steps[0].tool
        == "adjust_color"
    )
    with pytest.raises(ToolUnavailable, match="StationThisColorAdjust"):
        plan(REAL.request(""), step("s1", "adjust_color", "A1", vibrance=0.2))


def test_a_size_that_nobody_knows_is_refused_only_where_it_matters() -> None:
    unknown = Scene((Shown("A1", "A1", "image", "output", None, "asset-A1"),))
    assert plan(unknown.request(""), step("s1", "blur_image", "A1"))
    with pytest.raises(BadInput, match="size"):
        plan(unknown.request(""), step("s1", "crop_image", "A1"))


def test_a_file_that_no_server_takes_is_refused_before_anything_waits() -> None:
    film = Scene((Shown("A1", "A1", "image", "upload", Size(8000, 8000), "big", file_bytes=312 << 20),))
    small, large = [replace(workshop(), max_upload_bytes=mb << 20) for mb in (50, 100)]
    one = step("s1", "blur_image", "A1")
    with pytest.raises(FileTooLarge, match="takes files to 100 MB; this one has 312 MB") as refusal:
        plan(replace(film.request(""), capabilities=(small, large)), one)
    assert (refusal.value.status, refusal.value.facts["step"]) == (413, "s1")
    for another in (replace(large, max_upload_bytes=400 << 20), replace(large, max_upload_bytes=None)):
        assert plan(replace(film.request(""), capabilities=(small, another)), one)
    assert plan(replace(film.request(""), capabilities=(small,)), step("s1", "text_to_image", prompt="x"))


@pytest.mark.parametrize(
    ("scene", "steps", "error"),
    [
        (EMPTY, [], BadPlan),
        (MADE, [step(f"s{n}", "blur_image", "A1") for n in range(MAX_STEPS + 1)], BadPlan),
        (MADE, [step("s1", "blur_image", "A1"), step("s1", "blur_image", "A1")], BadPlan),
        (EMPTY, [step("s1", "teleport")], ToolNotFound),
        (EMPTY, [step("s1", "blur_image", "A1")], BadInput),
        (EMPTY, [step("s1", "blur_image", "s1")], BadPlan),
        (MADE, [step("s1", "blur_image", "s2"), step("s2", "blur_image", "A1")], BadPlan),
        (MADE, [step("s1", "blur_image")], BadInput),
        (THREE, [DraftStep("s1", "blur_image", {}, {"image": ("A1", "A2")})], BadInput),
        (THREE, [DraftStep("s1", "blur_image", {}, {"image": ("A1",), "mask": ("A2",)})], BadInput),
        (MADE, [DraftStep("s1", "text_to_image", {"prompt": "x"}, {"image": ("A1",)})], BadInput),
        (MADE, [step("s1", "blur_image", "A1", radius=500)], BadParameter),
        (MADE, [step("s1", "blur_image", "A1", magic=1)], BadParameter),
        (EMPTY, [step("s1", "text_to_image")], BadParameter),
        (MADE, [step("s1", "crop_image", "A1", ratio="wide")], BadParameter),
        (MADE, [step("s1", "text_on_image", "A1", text="日本")], LettersMissing),
        (
            MADE,
            [step(f"s{n}", "resize_image", "A1" if n == 1 else f"s{n - 1}", factor=8) for n in (1, 2)],
            BadParameter,
        ),
        (EMPTY, [step("s1", "sdxl", prompt="x")], ToolUnavailable),
        (EMPTY, [step("s1", "text_to_image", prompt="x", checkpoint="other.safetensors")], ToolUnavailable),
        (
            Scene((Shown("A1", "A1", "video", "upload", Size(10, 10), "v"),)),
            [step("s1", "blur_image", "A1")],
            BadInput,
        ),
    ],
)
def test_a_draft_that_does_not_hold_is_refused_with_a_reason(
    scene: Scene, steps: list[DraftStep], error: type[Problem]
) -> None:
    with pytest.raises(error) as refusal:
        plan(scene.request(""), *steps)
    assert refusal.value.detail
    assert refusal.value.next_step


def test_each_picture_of_a_batch_feeds_what_comes_next() -> None:
    made = plan(
        EMPTY.request(""),
        step("s1", "text_to_image", prompt="a cat", count=3),
        step("s2", "resize_image", "s1", factor=2),
        step("s3", "rotate_image", "s2"),
    )
    assert [(s.id, s.inputs.get("image")) for s in made.steps[1:]] == [
        *((f"s2-{n}", (StepRef(step_id="s1", index=n - 1),)) for n in (1, 2, 3)),
        *((f"s3-{n}", (StepRef(step_id=f"s2-{n}"),)) for n in (1, 2, 3)),
    ]
    assert [s.deliver for s in made.steps] == [False] * 4 + [True] * 3


def test_one_picture_of_a_batch_can_be_meant_alone() -> None:
    batch = step("s1", "text_to_image", prompt="a cat", count=2)
    join = DraftStep("s2", "blend_images", {}, {"image": ("s1.1",), "image2": ("s1.2",)})
    made = plan(EMPTY.request(""), batch, join)
    assert made.steps[1].inputs == {
        "image": (StepRef(step_id="s1", index=0),),
        "image2": (StepRef(step_id="s1", index=1),),
    }


def test_a_batch_beside_one_picture_meets_it_each_time() -> None:
    batch = step("s1", "text_to_image", prompt="a cat", count=2)
    join = DraftStep("s2", "blend_images", {}, {"image": ("s1",), "image2": ("A1",)})
    made = plan(MADE.request(""), batch, join)
    assert [[ref.handle for ref in s.inputs["image2"]] for s in made.steps[1:]] == [["A1"], ["A1"]]


@pytest.mark.parametrize(
    ("steps", "error"),
    [
        ([step("s1", "text_to_image", prompt="x", count=2), step("s2", "blur_image", "s1.3")], BadInput),
        ([step("s1", "text_to_image", prompt="x"), step("s2", "blur_image", "s1.0")], BadInput),
        (
            [
                step("s1", "text_to_image", prompt="x", count=2),
                step("s2", "text_to_image", prompt="y", count=3),
                DraftStep("s3", "blend_images", {}, {"image": ("s1",), "image2": ("s2",)}),
            ],
            BadPlan,
        ),
        (
            [
                step("s1", "text_to_image", prompt="x", count=4),
                *(step(f"s{n}", "blur_image", f"s{n - 1}") for n in range(2, 9)),
            ],
            BadPlan,
        ),
    ],
)
def test_a_fan_that_does_not_fit_is_refused(steps: list[DraftStep], error: type[Problem]) -> None:
    with pytest.raises(error):
        plan(EMPTY.request(""), *steps)


def test_a_plan_that_nothing_can_run_says_so() -> None:
    nowhere = MADE.request("", capabilities=())
    with pytest.raises(ToolUnavailable, match="no render server is connected"):
        plan(nowhere, step("s1", "blur_image", "A1"))


def test_a_total_adds_ranges() -> None:
    parts = [Estimate(credits=(0.1, 0.2), seconds=(1, 2)), Estimate(credits=(1, 2), seconds=(10, 20.25))]
    assert total(parts) == Estimate(credits=(1.1, 2.2), seconds=(11, 22.2))
    assert total([]) == Estimate()


def test_another_try_takes_new_seeds_but_for_those_that_were_named() -> None:
    given: tuple[dict[str, int], ...] = ({"seed": 41}, {}, {"seed": 7})
    steps = tuple(DraftStep(f"s{n}", "text_to_image", params) for n, params in enumerate(given))
    draft = Draft("", steps)
    fresh = reseeded(draft, PlanningRequest("a fox with seed 7", (), seed=1000))
    assert [step.params.get("seed") for step in fresh.steps] == [1000, None, 7]


def test_another_try_is_done_anew_and_a_first_one_is_not() -> None:
    request = replace(MADE.request("make A1 warmer"), again=True)
    assert plan(request, step("s1", "adjust_color", "A1", temperature=0.5)).steps[0].fresh
    assert not plan(replace(request, again=False), step("s1", "adjust_color", "A1", temperature=0.5)).steps[0].fresh


def test_what_ended_without_its_results_goes_on_with_the_seeds_it_had() -> None:
    request = replace(EMPTY.request("a fox, then a crop"), seed=1000)
    steps = step("s1", "text_to_image", prompt="a fox", seed=41), step("s2", "crop_image", "s1", ratio="1:1")
    first = plan(request, *steps)
    reseeded_step = replace(steps[0], params={"prompt": "a fox", "seed": 2000})
    second = plan(replace(request, seed=2000, again=True, resumed=first), reseeded_step, steps[1])
    assert [s.params for s in second.steps] == [s.params for s in first.steps]
    assert not any(s.fresh for s in second.steps)


def test_a_tool_that_was_not_tried_keeps_the_seed_of_this_turn() -> None:
    request = replace(EMPTY.request("a fox"), seed=1000)
    other = plan(request, step("s2", "text_to_image", prompt="a fox", seed=41))
    again = replace(request, seed=2000, again=True, resumed=other)
    assert plan(again, step("s1", "text_to_image", prompt="a fox", seed=2000)).steps[0].params["seed"] == 2000


STICKER = Spell(
    title="Sticker", blanks={"subject": Parameter(type="string", required=True)}, outputs={"image": Port(kind=MediaKind.IMAGE)},
    steps=(
        RecipeStep(id="s1", tool="text_to_image", params={"prompt": "{subject} as a sticker"}),
        RecipeStep(id="s2", tool="crop_image", params={"ratio": "1:1"}, inputs={"image": ("s1",)}),
    ),
).as_tool().model_copy(update={"name": "my/sticker-3fa9c1", "owner": "me", "version": 2})  # fmt: skip


def cast(*steps: DraftStep, again: bool = False) -> Plan:
    return plan(replace(EMPTY.request("", own=(STICKER,)), again=again), *steps)


def test_a_spells_steps_stand_in_its_place_and_what_follows_works_on_them() -> None:
    made = cast(step("s1", STICKER.name, subject="a fox"), step("s2", "resize_image", "s1", factor=2))
    assert [(s.id, s.tool, s.deliver) for s in made.steps] == [
        ("s1_s1", "text_to_image", False), ("s1", "crop_image", False), ("s2", "resize_image", True),
    ]  # fmt: skip
    assert made.steps[0].params["prompt"] == "a fox as a sticker"
    assert made.steps[0].params["seed"] == 4711
    assert [warning.code for warning in made.warnings] == ["sketch"]


def test_two_casts_and_another_try_have_seeds_of_their_own() -> None:
    made = cast(step("s1", STICKER.name, subject="a fox"), step("s2", STICKER.name, subject="a hen"))
    seeds = [s.params["seed"] for s in made.steps if "seed" in s.params]
    assert len(set(seeds)) == 2
    other = plan(EMPTY.request("", own=(STICKER,), seed=9), step("s1", STICKER.name, subject="a fox"))
    assert other.steps[0].params["seed"] == 9


def test_what_a_spell_lacks_or_somebody_elses_spell_is_refused() -> None:
    with pytest.raises(BlankMissing):
        cast(step("s1", STICKER.name))
    with pytest.raises(BadBlank):
        cast(step("s1", STICKER.name, subject="a fox", colour="red"))
    for name in ("my/sticker-3fa9c2", "my/3fa9c1@1", "my/"):
        with pytest.raises(ToolNotFound):
            cast(step("s1", name, subject="a fox"))


def test_a_workflow_of_ones_own_is_planned_by_its_version() -> None:
    workflow = Catalogue().get("blur_image").model_copy(update={"name": "my/soft-3fa9c1", "owner": "me", "version": 3})
    made = plan(BROUGHT.request("", own=(workflow,)), step("s1", "my/soft-3fa9c1", "A1"))
    assert [s.tool for s in made.steps] == ["my/3fa9c1@3"]


def test_a_side_that_no_model_takes_is_rounded_and_said() -> None:
    made = plan(EMPTY.request(""), step("s1", "text_to_image", prompt="a fox", width=300, height=512))
    assert (made.steps[0].params["width"], made.steps[0].params["height"]) == (304, 512)
    said = [warning.message for warning in made.warnings if warning.code == "rounded"]
    assert said == ["Text to image takes no width of 300: it will be 304 pixels."]


def test_a_file_that_no_server_has_is_named_with_the_nearest_that_are_there() -> None:
    with pytest.raises(ToolUnavailable, match=r"nope\.safetensors in models/checkpoints") as refused:
        plan(EMPTY.request(""), step("s1", "text_to_image", prompt="a fox", checkpoint="nope.safetensors"))
    assert refused.value.facts["nearest"] == ["sketch.safetensors"]
    assert refused.value.facts["parameter"] == "checkpoint"


def test_a_refusal_names_its_step() -> None:
    with pytest.raises(BadParameter) as refused:
        plan(MADE.request(""), step("s1", "blur_image", "A1"), step("s2", "text_to_image"))
    assert refused.value.facts["step"] == "s2"


def _said(made: Plan, code: str) -> list[str]:
    return [warning.message for warning in made.warnings if warning.code == code]


def test_what_is_overruled_is_said_and_left_out_of_the_plan() -> None:
    made = plan(BROUGHT.request(""), step("s1", "resize_image", "A1", factor=2, width=100))
    assert _said(made, "unused") == ["Resize goes by width; factor is not used."]
    assert made.steps[0].params == {"width": 100}
    assert not _said(plan(BROUGHT.request(""), step("s1", "resize_image", "A1", width=100, height=90)), "unused")


def test_a_default_that_is_overruled_is_left_out_in_silence() -> None:
    made = plan(BROUGHT.request(""), step("s1", "crop_image", "A1", ratio="1:1", width=100))
    assert not _said(made, "unused")
    assert made.steps[0].params == {"width": 100, "position": "center"}


@pytest.mark.parametrize(
    ("tool", "params", "needs"),
    [("resize_image", {}, "height"), ("adjust_color", {"brightness": 0}, "sepia"), ("adjust_color", {"hue": 10}, None)],
)
def test_a_step_with_nothing_to_do_says_so(tool: str, params: dict[str, Any], needs: str | None) -> None:
    said = _said(plan(BROUGHT.request(""), step("s1", tool, "A1", **params)), "unchanged")
    assert len(said) == (needs is not None)
    assert all("has nothing to change: it needs" in message and message.endswith(f"or {needs}.") for message in said)


@pytest.mark.parametrize(("source", "told"), [("s1.4", "number 4 (`index` 3"), ("s1.8", "number 8 (`index` 7")])
def test_a_picture_that_a_step_does_not_make_is_counted_as_programs_do(source: str, told: str) -> None:
    with pytest.raises(BadInput) as refused:
        plan(EMPTY.request(""), step("s1", "text_to_image", prompt="a fox", count=3), step("s2", "blur_image", source))
    assert f"Step s1 makes 3 pictures, so there is no {told}, which counts from 0)." == refused.value.detail
    assert {"step": "s2", "port": "image", "pictures": 3}.items() <= refused.value.facts.items()
