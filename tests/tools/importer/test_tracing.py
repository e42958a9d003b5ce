"""Small graphs drawn by hand, one question each; node classes are ComfyUI's own."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from tests.tools.importer.measuring import as_tool, newest, places
from tools.errors import BadWorkflow, LinkCycle, WorkflowTooLarge
from tools.graph import Graph, bind, without
from tools.importer.numbers import evaluated
from tools.importer.tracing import Traced, trace
from tools.model import MediaKind


def node(kind: str, **inputs: Any) -> dict[str, Any]:
    return {"class_type": kind, "inputs": inputs}


def picture() -> Graph:
    """Words to a picture, in the fewest nodes."""
    return {
        "model": node("CheckpointLoaderSimple", ckpt_name="model.safetensors"),
        "good": node("CLIPTextEncode", text="a fox", clip=["model", 1]),
        "bad": node("CLIPTextEncode", text="blur", clip=["model", 1]),
        "empty": node("EmptyLatentImage", width=1024, height=768, batch_size=1),
        "sampler": node(
            "KSampler", model=["model", 0], positive=["good", 0], negative=["bad", 0], latent_image=["empty", 0],
            seed=7, steps=20, cfg=6.0, sampler_name="euler", scheduler="normal", denoise=1.0,
        ),
        "decode": node("VAEDecode", samples=["sampler", 0], vae=["model", 2]),
        "save": node("SaveImage", images=["decode", 0], filename_prefix="x"),
    }  # fmt: skip


def found(graph: Graph) -> Traced:
    return trace(graph, newest())


def test_words_are_told_apart_by_the_input_that_they_reach_not_by_titles() -> None:
    graph = picture()
    graph["good"]["_meta"], graph["bad"]["_meta"] = {"title": "Negative"}, {"title": "Positive"}

    result = found(graph)

    assert places(result)["prompt"] == ["good.text"]
    assert places(result)["negative"] == ["bad.text"]
    assert result.samples == {"prompt": "a fox", "negative": "blur"}
    assert result.params["prompt"].required
    assert result.params["negative"].default == "blur"


def test_a_negative_prompt_is_not_offered_where_guidance_is_off() -> None:
    graph = picture()
    graph["sampler"]["inputs"]["cfg"] = 1.0

    assert {"negative", "cfg"} & set(found(graph).params) == set()


def test_words_that_are_blotted_out_are_nobodys() -> None:
    graph = picture()
    graph["zero"] = node("ConditioningZeroOut", conditioning=["bad", 0])
    graph["sampler"]["inputs"]["negative"] = ["zero", 0]

    assert "negative" not in found(graph).params


def test_a_prompt_is_found_behind_a_form_a_model_and_a_join() -> None:
    graph = picture()
    graph["words"] = node("PrimitiveStringMultiline", value="a fox")
    graph["style"] = node("PrimitiveStringMultiline", value="in oil, ")
    graph["form"] = node("StringReplace", string="Improve USER", find="USER", replace=["words", 0])
    graph["asked"] = node(
        "TextGenerate", prompt=["form", 0], max_length=64, sampling_mode="off", clip=["model", 1]
    )
    graph["join"] = node("StringConcatenate", string_a=["style", 0], string_b=["asked", 0], delimiter="")
    graph["good"]["inputs"]["text"] = ["join", 0]

    assert places(found(graph))["prompt"] == ["words.value"]


def test_what_is_looked_for_in_a_picture_is_no_prompt() -> None:
    graph = picture()
    graph["load"] = node("LoadImage", image="a.png")
    graph["seek"] = node("CLIPTextEncode", text="hat", clip=["model", 1])
    graph["detect"] = node(
        "SAM3_Detect", model=["model", 0], image=["load", 0], conditioning=["seek", 0], threshold=0.5,
        refine_iterations=2, individual_masks=False,
    )  # fmt: skip
    graph["latent"] = node("SetLatentNoiseMask", samples=["empty", 0], mask=["detect", 0])
    graph["sampler"]["inputs"]["latent_image"] = ["latent", 0]

    result = found(graph)

    assert places(result)["subject"] == ["seek.text"]
    assert places(result)["prompt"] == ["good.text"]
    assert result.params["subject"].required
    graph["seek"]["inputs"]["text"] = "human"
    assert found(graph).params["subject"].default == "human"


def test_one_number_read_in_several_places_is_one_parameter() -> None:
    graph = picture()
    graph["wide"] = node("PrimitiveInt", value=1024)
    graph["empty"]["inputs"]["width"] = ["wide", 0]
    graph["good"] = node(
        "CLIPTextEncodeSDXL", width=1024, height=768, crop_w=0, crop_h=0, target_width=1024, target_height=768,
        text_g="a fox", text_l="a fox", clip=["model", 1],
    )  # fmt: skip

    where = places(found(graph))

    assert where["canvas_width"] == ["good.target_width", "good.width", "wide.value"]
    assert where["canvas_height"] == ["empty.height", "good.height", "good.target_height"]
    assert where["prompt"] == ["good.text_g", "good.text_l"]


def test_a_size_taken_from_the_picture_is_not_asked_for() -> None:
    graph = picture()
    graph["load"] = node("LoadImage", image="a.png")
    graph["encode"] = node("VAEEncode", pixels=["load", 0], vae=["model", 2])
    graph["sampler"]["inputs"] |= {"latent_image": ["encode", 0], "denoise": 0.6}

    result = found(graph)

    assert {"width", "height", "count"} & set(result.params) == set()
    assert result.derive == "kept:8"
    assert places(result)["strength"] == ["sampler.denoise"]
    assert result.params["strength"].default == 0.6


def test_a_picture_grows_by_as_much_as_asked_on_each_side() -> None:
    graph = picture()
    graph["load"] = node("LoadImage", image="a.png")
    graph["pad"] = node(
        "ImagePadForOutpaint", image=["load", 0], left=64, top=0, right=128, bottom=0, feathering=24
    )
    graph["encode"] = node(
        "VAEEncodeForInpaint", pixels=["pad", 0], mask=["pad", 1], vae=["model", 2], grow_mask_by=6
    )
    graph["sampler"]["inputs"]["latent_image"] = ["encode", 0]

    result = found(graph)

    assert {side: result.params[side].default for side in ("left", "top", "right", "bottom")} == {
        "left": 64, "top": 0, "right": 128, "bottom": 0,
    }  # fmt: skip
    assert result.derive == "padded>kept:8"
    assert list(result.inputs) == ["image"]


def test_the_size_of_a_picture_is_followed_through_what_scales_it() -> None:
    graph = picture()
    graph["load"] = node("LoadImage", image="a.png")
    graph["scale"] = node(
        "ImageScaleToMaxDimension", image=["load", 0], upscale_method="area", largest_size=1024
    )
    graph["size"] = node("GetImageSize", image=["scale", 0])
    for slot, side in enumerate(("width", "height")):
        graph[side] = node("ComfyMathExpression", expression="floor(a/32)*32", **{"values.a": ["size", slot]})
        graph["empty"]["inputs"][side] = [side, 1]

    result = found(graph)

    assert result.derive == "longest:1024>kept:32"
    assert {"width", "height"} & set(result.params) == set()


def test_a_result_that_is_enlarged_at_the_end_has_a_size_of_its_own() -> None:
    graph = picture()
    graph["larger"] = node("ImageScaleBy", image=["decode", 0], upscale_method="lanczos", scale_by=2.0)
    graph["save"]["inputs"]["images"] = ["larger", 0]

    result = found(graph)

    assert result.derive == "unsized+sides:8"
    assert {"width", "height", "scale"} <= set(result.params)


def test_a_shape_that_a_node_chooses_becomes_two_sides() -> None:
    graph = picture()
    graph["shape"] = node("ResolutionSelector", aspect_ratio="16:9 (Widescreen)", megapixels=1.0, multiple=8)
    graph["empty"]["inputs"] |= {"width": ["shape", 0], "height": ["shape", 1]}

    result = found(graph)

    assert (result.params["width"].default, result.params["height"].default) == (1368, 768)
    assert places(result)["canvas_width"] == ["empty.width"]


def test_transparency_that_says_where_to_work_becomes_a_mask_of_its_own() -> None:
    graph = picture()
    graph["load"] = node("LoadImage", image="a.png")
    graph["encode"] = node(
        "VAEEncodeForInpaint", pixels=["load", 0], mask=["load", 1], vae=["model", 2], grow_mask_by=6
    )
    graph["sampler"]["inputs"]["latent_image"] = ["encode", 0]

    result = found(graph)

    assert {name: port.kind for name, port in result.inputs.items()} == {
        "image": MediaKind.IMAGE,
        "mask": MediaKind.MASK,
    }
    assert result.graph["load:mask"] == node("LoadImageMask", image="$mask", channel="red")
    assert result.graph["encode"]["inputs"]["mask"] == ["load:mask", 0]


def test_transparency_that_is_only_carried_along_stays_with_its_picture() -> None:
    graph: Graph = {
        "load": node("LoadImage", image="a.png"),
        "join": node("JoinImageWithAlpha", image=["load", 0], alpha=["load", 1]),
        "larger": node("ImageScaleBy", image=["join", 0], upscale_method="lanczos", scale_by=2.0),
        "save": node("SaveImage", images=["larger", 0], filename_prefix="x"),
    }

    result = found(graph)

    assert list(result.inputs) == ["image"]
    assert places(result)["scale"] == ["larger.scale_by"]
    assert result.derive == "scaled"


def test_a_second_picture_may_stay_empty_where_its_input_is_optional() -> None:
    graph = picture()
    graph["one"], graph["two"] = node("LoadImage", image="a.png"), node("LoadImage", image="b.png")
    graph["smaller"] = node("ImageScaleBy", image=["two", 0], upscale_method="lanczos", scale_by=0.5)
    graph["good"] = node(
        "TextEncodeQwenImageEditPlus",
        prompt="swap",
        clip=["model", 1],
        image1=["one", 0],
        image2=["smaller", 0],
    )

    result = found(graph)

    assert {name: port.count for name, port in result.inputs.items()} == {"image": (1, 1), "image_2": (0, 1)}
    assert "instruction" in result.params["prompt"].description
    assert "instruction" not in found(picture()).params["prompt"].description
    less = without(result.graph, ["two"], result.loose_links)
    assert {"two", "smaller"} & set(less) == set()
    assert "image2" not in less["good"]["inputs"]
    assert less["good"]["inputs"]["image1"] == ["one", 0]


def test_the_switch_of_a_few_step_lora_is_a_choice_and_every_other_one_is_a_wire() -> None:
    graph = picture()
    graph["quick"] = node("PrimitiveBoolean", value=False)
    graph["lora"] = node(
        "LoraLoaderModelOnly", lora_name="l.safetensors", strength_model=1.0, model=["model", 0]
    )
    graph["pick"] = node("ComfySwitchNode", switch=["quick", 0], on_false=["model", 0], on_true=["lora", 0])
    graph["some"], graph["few"] = node("PrimitiveInt", value=20), node("PrimitiveInt", value=4)
    graph["steps"] = node("ComfySwitchNode", switch=["quick", 0], on_false=["some", 0], on_true=["few", 0])
    graph["sampler"]["inputs"] |= {"model": ["pick", 0], "steps": ["steps", 0]}
    graph["own"] = node("PrimitiveBoolean", value=True)
    graph["dead"] = node("LoadImage", image="never.png")
    graph["frame"] = node("ComfySwitchNode", switch=["own", 0], on_false=["dead", 0], on_true=["decode", 0])
    graph["save"]["inputs"]["images"] = ["frame", 0]

    result = found(graph)

    assert places(result)["turbo"] == ["quick.value"]
    assert places(result)["steps"] == ["some.value"]
    assert {"pick", "steps", "few"} <= set(result.graph)
    assert {"own", "dead", "frame"} & set(result.graph) == set()
    assert result.inputs == {}


def test_a_film_is_as_long_as_asked_in_whole_steps_of_its_model() -> None:
    graph = picture()
    graph["empty"] = node("EmptyHunyuanLatentVideo", width=832, height=480, length=33, batch_size=1)
    graph["film"] = node("CreateVideo", images=["decode", 0], fps=16.0)
    graph["save"] = node(
        "SaveVideo", video=["film", 0], filename_prefix="x", format="auto", **{"format.codec": "auto"}
    )

    result = found(graph)

    assert result.params["duration"].default == 2.0
    assert result.params["fps"].default == 16
    assert result.derive == "sides:16+frames:4:16"
    assert places(result)["frames"] == ["empty.length"]
    assert "count" not in result.params


def test_seconds_that_the_graph_counts_itself_are_written_as_they_are() -> None:
    graph = picture()
    graph["seconds"], graph["rate"] = node("PrimitiveFloat", value=5.0), node("PrimitiveFloat", value=16.0)
    graph["sum"] = node(
        "ComfyMathExpression", expression="a * b + 1", **{"values.a": ["seconds", 0], "values.b": ["rate", 0]}
    )
    graph["empty"] = node("EmptyHunyuanLatentVideo", width=832, height=480, length=["sum", 1], batch_size=1)
    graph["film"] = node("CreateVideo", images=["decode", 0], fps=["rate", 0])
    graph["save"] = node(
        "SaveVideo", video=["film", 0], filename_prefix="x", format="auto", **{"format.codec": "auto"}
    )

    where = places(found(graph))

    assert where["duration"] == ["seconds.value"]
    assert where["fps"] == ["rate.value"]
    assert "frames" not in where


def test_two_models_along_one_schedule_keep_their_shares() -> None:
    graph = picture()
    shared = {
        "positive": ["good", 0], "negative": ["bad", 0], "steps": 20, "cfg": 4.0, "sampler_name": "euler",
        "scheduler": "simple",
    }  # fmt: skip
    graph["sampler"] = node(
        "KSamplerAdvanced", model=["model", 0], latent_image=["first", 0], add_noise="disable", noise_seed=0,
        start_at_step=8, end_at_step=10000, return_with_leftover_noise="disable", **shared,
    )  # fmt: skip
    graph["first"] = node(
        "KSamplerAdvanced", model=["model", 0], latent_image=["empty", 0], add_noise="enable", noise_seed=5,
        start_at_step=0, end_at_step=8, return_with_leftover_noise="enable", **shared,
    )  # fmt: skip

    result = found(graph)

    assert places(result)["steps"] == ["first.steps", "sampler.steps"]
    assert places(result)["split_step"] == ["first.end_at_step", "sampler.start_at_step"]
    assert places(result)["seed"] == ["first.noise_seed"]
    assert result.derive == "sides:8+split:0.4"


def test_previews_that_are_all_there_is_are_saved_and_what_was_brought_is_not_shown_again() -> None:
    graph = picture()
    graph["save"] = node("PreviewImage", images=["decode", 0])
    graph["load"] = node("LoadImage", image="a.png")
    graph["look"] = node("PreviewImage", images=["load", 0])

    result = found(graph)

    assert result.output_nodes == {"image": "save"}
    assert result.graph["save"]["class_type"] == "SaveImage"
    assert result.inputs == {}


def test_a_text_that_begins_with_a_dollar_comes_out_as_it_was() -> None:
    graph = picture()
    graph["lora"] = node(
        "LoraLoaderModelOnly", lora_name="$odd.safetensors", strength_model=1.0, model=["model", 0]
    )
    graph["sampler"]["inputs"]["model"] = ["lora", 0]
    result = found(graph)
    values = {name: 1 for name in places(result)}

    bound = bind(as_tool("x", result).implementations[0], values)

    assert bound.graph["lora"]["inputs"]["lora_name"] == "$odd.safetensors"


def test_the_graph_that_is_given_stays_as_it_was() -> None:
    graph = picture()
    before = deepcopy(graph)

    found(graph)

    assert graph == before


@pytest.mark.parametrize("graph", [{}, {"a": node("LoadImage", image="a.png")}])
def test_a_graph_that_makes_nothing_is_refused(graph: Graph) -> None:
    with pytest.raises(BadWorkflow):
        found(graph)


def test_an_unknown_node_has_no_types_and_breaks_nothing() -> None:
    graph = picture()
    graph["odd"] = node("NodeOfTomorrow", images=["decode", 0], strength=2)
    graph["save"]["inputs"]["images"] = ["odd", 0]

    assert "prompt" in found(graph).params


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("floor(a * b) + 1", 81),
        ("min(a * 16 + 1, 81)", 81),
        ("max(((a + 15) // 16) * 16, 256)", 256),
        ("-a", -5),
        ("a if a > 1 else b", None),
        ("__import__('os')", None),
        ("a / 0", None),
        ("c", None),
        ("a +", None),
        ("2 ** 9 ** 9 ** 9", None),
    ],
)
def test_only_plain_sums_are_worked_out(expression: str, value: float | None) -> None:
    assert evaluated(expression, {"a": 5, "b": 16}) == value


def test_links_without_an_end_are_refused() -> None:
    circle = picture()
    circle["good"]["inputs"]["text"] = ["join", 0]
    circle["join"] = node("StringConcatenate", string_a=["more", 0], string_b="", delimiter="")
    circle["more"] = node("StringConcatenate", string_a=["join", 0], string_b="", delimiter="")
    chain = picture()
    chain["good"]["inputs"]["text"] = ["0", 0]
    for number in range(2000):
        chain[str(number)] = node(
            "StringConcatenate", string_a="", string_b=[str(number + 1), 0], delimiter=""
        )

    with pytest.raises(LinkCycle):
        found(circle)
    with pytest.raises(WorkflowTooLarge):
        found(chain | {"2000": node("PrimitiveString", value="a fox")})
