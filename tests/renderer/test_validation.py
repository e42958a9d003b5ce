"""Graphs that cannot run are refused in ComfyUI's own words, and nothing is queued."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from tests.renderer.client import Comfy, Graph, empty, node
from tests.renderer.conftest import REAL, Start


async def refused(comfy: Comfy, graph: Any, **more: Any) -> dict[str, Any]:
    status, body = await comfy.submit(graph, **more)
    assert status == 400, body
    assert await comfy.get("/prompt") == {"exec_info": {"queue_remaining": 0}}
    return body


async def fault(comfy: Comfy, graph: Graph, at: str) -> dict[str, Any]:
    """The one fault of a graph whose only output cannot run."""
    body = await refused(comfy, graph)
    assert body["error"]["type"] == "prompt_outputs_failed_validation"
    entry = body["node_errors"][at]
    assert entry["class_type"] == graph[at]["class_type"]
    assert entry["dependent_outputs"] == ["out"]
    assert len(entry["errors"]) == 1
    return dict(entry["errors"][0])


@pytest.mark.parametrize("body", [{}, []])
async def test_no_prompt(comfy: Comfy, body: Any) -> None:
    async with comfy.http.post("/prompt", json=body) as answer:
        assert answer.status == 400
        error = (await answer.json())["error"]
    assert (error["type"], error["message"]) == ("no_prompt", "No prompt provided")


@pytest.mark.parametrize("graph", [[], None])
async def test_a_prompt_that_is_no_object_is_a_bare_500(comfy: Comfy, graph: Any) -> None:
    async with comfy.http.post("/prompt", json={"prompt": graph}) as answer:
        assert answer.status == 500


@pytest.mark.parametrize("more", [{"extra_data": 5}, {"number": "x"}])
async def test_odd_extras_are_a_bare_500(comfy: Comfy, more: dict[str, Any]) -> None:
    async with comfy.http.post("/prompt", json={"prompt": empty(), **more}) as answer:
        assert answer.status == 500


async def test_a_node_without_a_class(comfy: Comfy) -> None:
    error = (await refused(comfy, {"1": {"inputs": {}}}))["error"]
    assert error["type"] == "invalid_prompt"
    assert error["message"] == "Cannot execute because a node is missing the class_type property."
    assert error["details"] == "Node ID '#1'"


async def test_an_unknown_class(comfy: Comfy) -> None:
    error = (await refused(comfy, {**empty(), "2": node("NoSuchNode")}))["error"]
    assert error["type"] == "invalid_prompt"
    assert error["details"] == "Node ID '#2'"


@pytest.mark.parametrize("graph", [{}, {"in": empty()["in"]}])
async def test_a_graph_without_an_output(comfy: Comfy, graph: Graph) -> None:
    error = (await refused(comfy, graph))["error"]
    assert (error["type"], error["message"]) == ("prompt_no_outputs", "Prompt has no outputs")


async def test_a_missing_input(comfy: Comfy) -> None:
    graph = empty()
    del graph["in"]["inputs"]["color"]
    found = await fault(comfy, graph, "in")
    assert found["type"] == "required_input_missing"
    assert (found["details"], found["extra_info"]) == ("color", {"input_name": "color"})


@pytest.mark.parametrize(
    ("value", "kind", "message"),
    [
        (0, "value_smaller_than_min", "Value 0 smaller than min of 1"),
        (99999, "value_bigger_than_max", "Value 99999 bigger than max of 16384"),
        ("abc", "invalid_input_type", "Failed to convert an input value to a INT value"),
    ],
)
async def test_a_value_out_of_range_or_of_another_type(
    comfy: Comfy, value: Any, kind: str, message: str
) -> None:
    graph = empty()
    graph["in"]["inputs"]["width"] = value
    found = await fault(comfy, graph, "in")
    assert (found["type"], found["message"]) == (kind, message)
    assert found["extra_info"]["input_name"] == "width"
    assert found["extra_info"]["received_value"] == value
    assert found["extra_info"]["input_config"][0] == "INT"


async def test_a_choice_that_is_not_in_the_list(comfy: Comfy) -> None:
    graph = empty()
    graph["do"] = node("ImageScaleBy", image=["in", 0], upscale_method="magic", scale_by=2)
    graph["out"]["inputs"]["images"] = ["do", 0]
    found = await fault(comfy, graph, "do")
    assert (found["type"], found["message"]) == ("value_not_in_list", "Value not in list")
    assert found["details"].startswith("upscale_method: 'magic' not in [")


async def test_a_choice_among_many_does_not_list_them(comfy: Comfy) -> None:
    everything = await comfy.get("/object_info/KSampler")
    names = everything["KSampler"]["input"]["required"]["sampler_name"][0]
    graph = _sampler_graph(await comfy.checkpoint())
    found = await fault(comfy, graph, "s")
    assert found["details"] == f"sampler_name: 'magic' not in (list of length {len(names)})"
    assert found["extra_info"]["input_config"] is None


def _sampler_graph(checkpoint: str) -> Graph:
    from tests.renderer.client import sketch

    graph = sketch(checkpoint)
    graph["s"] = graph.pop("sample")
    graph["s"]["inputs"]["sampler_name"] = "magic"
    graph["decode"]["inputs"]["samples"] = ["s", 0]
    return graph


async def test_a_link_of_the_wrong_type(comfy: Comfy) -> None:
    _, stored = await comfy.upload(b"x" * 10)
    graph = empty()
    graph["in"] = node("LoadImage", image=stored["name"])
    graph["out"]["inputs"]["images"] = ["in", 1]
    found = await fault(comfy, graph, "out")
    assert found["type"] == "return_type_mismatch"
    assert found["details"] == "images, received_type(MASK) mismatch input_type(IMAGE)"
    assert found["extra_info"]["linked_node"] == ["in", 1]


async def test_a_link_that_is_no_pair(comfy: Comfy) -> None:
    graph = empty()
    graph["out"]["inputs"]["images"] = ["in", 0, 0]
    assert (await fault(comfy, graph, "out"))["type"] == "bad_linked_input"


@pytest.mark.parametrize(("link", "details"), [(["99", 0], "'99'"), (["in", 7], "tuple index out of range")])
async def test_a_link_to_nowhere(comfy: Comfy, link: list[Any], details: str) -> None:
    graph = empty()
    graph["out"]["inputs"]["images"] = link
    found = await fault(comfy, graph, "out")
    assert (found["type"], found["details"]) == ("exception_during_validation", details)


async def test_a_cycle_is_refused(comfy: Comfy) -> None:
    graph = empty()
    graph["in"] = node("ImageInvert", image=["do", 0])
    graph["do"] = node("ImageInvert", image=["in", 0])
    body = await refused(comfy, graph)
    assert body["error"]["type"] == "prompt_outputs_failed_validation"


async def test_an_input_picture_that_is_not_there(comfy: Comfy) -> None:
    graph = empty()
    graph["in"] = node("LoadImage", image="nope.png")
    found = await fault(comfy, graph, "in")
    assert (found["type"], found["message"]) == (
        "custom_validation_failed",
        "Custom validation failed for node",
    )
    assert found["details"] == "image - Invalid image file: nope.png"


async def test_no_graph_reads_outside_the_folders(start: Start) -> None:
    async with start() as comfy:
        graph = empty()
        graph["in"] = node("LoadImage", image="../../../../etc/hostname")
        assert (await fault(comfy, graph, "in"))["type"] == "custom_validation_failed"


async def test_no_answer_tells_where_the_program_lives(start: Start) -> None:
    async with start() as comfy:
        graph = empty()
        graph["out"]["inputs"]["images"] = ["99", 0]
        async with comfy.http.post("/prompt", json={"prompt": graph}) as answer:
            text = await answer.text()
        assert '"traceback": ["  File \\"executor/renderer/' in text


async def test_one_good_output_is_enough_and_the_others_are_told(comfy: Comfy) -> None:
    graph = empty()
    graph["bad"] = node("SaveImage", images=["in", 0])
    status, body = await comfy.submit(graph)
    assert status == 200
    assert body["node_errors"]["bad"]["errors"][0]["type"] == "required_input_missing"
    entry = await comfy.ended(body["prompt_id"])
    assert list(entry["outputs"]) == ["out"]
    assert entry["prompt"][4] == ["out"]


async def test_literals_are_converted_as_the_history_shows(comfy: Comfy) -> None:
    graph = empty()
    graph["in"]["inputs"] |= {"width": "16", "height": 16.9, "batch_size": True, "extra": 1}
    entry = await comfy.run(graph)
    shown = entry["prompt"][2]["in"]["inputs"]
    assert (shown["width"], shown["height"], shown["batch_size"]) == (16, 16, 1)
    assert (await comfy.picture(entry)).shape == (16, 16, 3)


async def test_node_ids_may_be_any_text(comfy: Comfy) -> None:
    graph = {"ä /1": node("EmptyImage", width=8, height=8, batch_size=1, color=0)}
    graph["out"] = empty()["out"]
    graph["out"]["inputs"]["images"] = ["ä /1", 0]
    assert (await comfy.run(graph))["status"]["completed"] is True


async def test_only_the_named_targets_run(comfy: Comfy) -> None:
    graph = empty()
    graph["other"] = empty()["out"]
    entry = await comfy.run(graph, partial_execution_targets=["other"])
    assert list(entry["outputs"]) == ["other"]


@pytest.mark.skipif(bool(REAL), reason="older servers take any id")
@pytest.mark.parametrize("wrong", ["x", 42, "AAAAAAAA-0000-4000-8000-000000000000", "a" * 32])
async def test_a_prompt_id_is_a_canonical_uuid(comfy: Comfy, wrong: Any) -> None:
    body = await refused(comfy, empty(), prompt_id=wrong)
    assert body["error"]["type"] == "invalid_prompt_id"


async def test_the_clients_own_id_is_kept(comfy: Comfy) -> None:
    own = str(uuid.uuid4())
    assert await comfy.queue(empty(), prompt_id=own) == own
    assert (await comfy.ended(own))["prompt"][1] == own
