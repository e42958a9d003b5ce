"""Trigger words and tags in a draft become LoRAs in the plan, whoever drafted it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from agent.compose import compose
from agent.loras import preferred, terms
from agent.model import Draft, DraftStep, Exchange, PlanningRequest
from tests.agent.embedded.scenes import EMPTY, REAL, Tools, sketcher, workshop
from tests.agent.embedded.scenes import found as all_found
from tests.builds import built
from tests.tools.loras.shelf_of_loras import DISNEY, LORAS
from tools.errors import ToolUnavailable
from tools.loras.errors import UnknownLora
from tools.loras.resolving import Loras
from tools.model import Capabilities, ModelFile, Plan
from tools.registry.terms import licence_of, of_file, of_tool, withheld
from tools.service import ToolCatalogue, all_tools, load_tools

TOOLS = Tools()


def server(*loras: str) -> Capabilities:
    full = workshop()
    return replace(full, models={**full.models, "loras": frozenset(loras)})


ALL = server(*(lora.file for lora in LORAS.all))


def request(*instances: Capabilities, **values: Any) -> PlanningRequest:
    there = instances or (ALL,)
    return replace(EMPTY.request(""), capabilities=there, found=all_found(there), loras=LORAS, **values)


def plan(prompt: str, wanted: PlanningRequest | None = None, tool: str = "sdxl", **params: Any) -> Plan:
    step = DraftStep("s1", tool, {"prompt": prompt, "seed": 1, **params})
    return compose(Draft("a picture", (step,)), wanted or request(), TOOLS, "p1")


def codes(made: Plan) -> list[str]:
    return [warning.code for warning in made.warnings]


def test_the_plan_shows_the_tag_and_names_the_file() -> None:
    params = plan("portrait in disney style").steps[0].params
    assert params["prompt"] == "portrait <lora:disney-v3:1.0> in disney style"
    assert params["loras"] == [{"name": "disney-v3", "file": DISNEY.file, "weight": 1.0}]


def test_a_refinement_is_resolved_anew_whatever_the_earlier_plan_said() -> None:
    earlier = plan("portrait in disney style").steps[0].params
    again = plan(earlier["prompt"] + ", at night", loras=earlier["loras"]).steps[0].params
    assert again["prompt"] == "portrait <lora:disney-v3:1.0> in disney style, at night"
    assert again["loras"] == earlier["loras"]
    assert "loras" not in plan("portrait", loras=earlier["loras"]).steps[0].params


def test_another_base_is_explained_with_the_tool_that_would_fit() -> None:
    made = plan("portrait in disney style", tool="flux_schnell")
    assert codes(made) == ["lora_unfit"]
    assert "SDXL would take it" in made.warnings[0].message
    assert "loras" not in made.steps[0].params


def test_what_no_server_has_is_left_out_with_a_word_or_is_a_gap_when_a_tag_asks() -> None:
    bare = request(server())
    assert codes(plan("portrait in disney style", bare)) == ["lora_missing"]
    with pytest.raises(ToolUnavailable) as caught:
        plan("portrait <lora:disney-v3>", bare)
    assert DISNEY.file in caught.value.detail


def test_an_unknown_tag_goes_back_to_the_planner_with_the_nearest() -> None:
    with pytest.raises(UnknownLora) as caught:
        plan("portrait <lora:disnee-v3>")
    assert caught.value.facts["nearest"] == ["disney-v3"]


def test_a_generic_tool_fits_by_the_checkpoint_it_uses() -> None:
    made = plan("portrait in disney style", tool="text_to_image", checkpoint="sd_xl_base_1.0.safetensors")
    assert [lora["name"] for lora in made.steps[0].params["loras"]] == ["disney-v3"]


def test_a_sketch_says_nothing_of_loras() -> None:
    made = plan("portrait in disney style", request(sketcher()), tool="text_to_image")
    assert codes(made) == ["sketch"]
    assert made.steps[0].params["prompt"] == "portrait in disney style"


def test_a_hint_is_not_repeated() -> None:
    assert codes(plan("a bottle of ink")) == ["lora_hint"]
    assert codes(plan("a bottle of ink", request(history=(Exchange("an ink well", "Here."),)))) == []


def test_nobody_without_loras_notices_anything() -> None:
    without = replace(REAL.request(""), capabilities=(ALL,))
    made = plan("portrait in disney style", without)
    assert (made.warnings, made.steps[0].params["prompt"]) == ((), "portrait in disney style")


def test_what_may_not_be_sold_is_said() -> None:
    (said,) = plan("a queen", tool="flux_dev").warnings
    assert said.code == "non_commercial"
    assert "flux1-dev.safetensors" in said.message
    assert codes(plan("a queen", tool="flux_schnell")) == []


def test_where_that_is_refused_the_tool_is_not_offered_and_says_why() -> None:
    allowed, strict = withheld(load_tools(), "allow"), withheld(load_tools(), "refuse")
    assert allowed == load_tools()
    held = {tool.name: tool for tool in strict if tool.withheld}
    assert list(held) == [t.name for t in load_tools() if of_tool(t) == "no"]
    assert {"flux_dev", "inpaint_image", "outpaint_image"} <= set(held)
    catalogue = ToolCatalogue(strict, None)  # type: ignore[arg-type]  # nothing is searched
    available = catalogue.availability(held["flux_dev"], [ALL])
    assert not available.available
    assert "may not be sold" in (available.reason or "")
    step = DraftStep("s1", "flux_dev", {"prompt": "a queen"})
    with pytest.raises(ToolUnavailable):
        compose(Draft("a picture", (step,)), request(), catalogue, "p1")


def test_a_file_has_the_same_terms_whichever_tool_loads_it() -> None:
    said: dict[tuple[str, str], set[tuple[str, str | None]]] = {}
    for file in (file for tool in all_tools(built()) for way in tool.implementations for file in way.models):
        said.setdefault((file.folder, file.file), set()).add((of_file(file).value, licence_of(file)))
    assert {place: terms for place, terms in said.items() if len(terms) > 1} == {}


def test_the_gate_holds_every_tool_that_loads_a_file_that_may_not_be_sold() -> None:
    strict = {tool.name: tool.withheld for tool in withheld(all_tools(built()), "refuse")}
    assert strict["inpaint_image"]
    assert strict["outpaint_image"]


def test_where_only_selling_is_wanted_files_whose_terms_nobody_knows_pass_and_are_named() -> None:
    tool = next(tool for tool in load_tools() if tool.name == "sdxl")
    way = tool.implementations[0].model_copy(update={"models": (ModelFile(file="odd.safetensors", folder="checkpoints"),)})
    odd = tool.model_copy(update={"implementations": (way,)})
    assert withheld([odd], "refuse") == (odd,)
    able = Capabilities(frozenset(n["class_type"] for n in way.graph.values()), {"checkpoints": frozenset({"odd.safetensors"})})
    (said,) = terms(odd, {"prompt": "a queen"}, able, Loras(sellable_only=True))
    assert (said.code, "odd.safetensors" in said.message) == ("terms_unknown", True)
    assert terms(odd, {"prompt": "a queen"}, able) == ()


def order(text: str, *instances: Capabilities) -> list[str]:
    return [each.tool.name for each in preferred(all_found(instances or (ALL,)), text, LORAS, instances or (ALL,))]


@pytest.mark.parametrize("text", ["a queen in disney style", "a queen <lora:disney-v3:0.5>"])
def test_a_tool_that_can_load_it_comes_before_those_that_cannot(text: str) -> None:
    plain, changed = order("a queen"), order(text)
    makers = [name for name in plain if name in ("flux_dev", "flux_schnell", "sdxl", "z_image_turbo")]
    assert makers[0] != "sdxl"
    assert [name for name in changed if name in makers] == ["sdxl", *(name for name in makers if name != "sdxl")]
    moved = {name for before, name in zip(plain, changed, strict=True) if before != name}
    assert moved <= {tool.name for tool in load_tools() if tool.generative and not tool.inputs}


@pytest.mark.parametrize("text", ["a queen", "no disney style", "a bottle of ink", "<lora:nobody>", "<lora:"])
def test_words_that_call_nothing_change_no_order(text: str) -> None:
    assert order(text) == [each.tool.name for each in all_found((ALL,))]


def test_what_no_server_has_changes_no_order() -> None:
    assert order("a queen in disney style", server()) == [each.tool.name for each in all_found((server(),))]
