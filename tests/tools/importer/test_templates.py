"""Every official template that converts, traced."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.tools.importer.measuring import as_tool, faults, graphs, newest, places, traced, unbound_media
from tests.untraced import EXHAUSTIVE
from tools import facts
from tools.graph import without_optional

pytestmark = EXHAUSTIVE

EXPECTED: dict[str, Any] = yaml.safe_load(
    Path(__file__).with_name("expected.yaml").read_text(encoding="utf-8")
)
REFUSED = {
    "image_moss_image_t2i": "no choice",  # a text encoder type of a later ComfyUI
    "image_moss_image_base_t2i": "no choice",
    "3d_pixal3d_trellis2_image_to_model": "no choice",  # a later way to close a mesh
    "video_ltx2_i2v_lora": "nothing comes out",  # the file itself lacks the link to its saver
}
"""Templates that the newest reference server would refuse as they are, and a word of why."""


@pytest.mark.parametrize("name", EXPECTED)
def test_what_a_person_sets_is_found_where_it_is_written(name: str) -> None:
    found, expected = traced(name), EXPECTED[name]

    assert found is not None
    ports = {
        port: kind.kind.value + ("" if kind.count == (1, 1) else "?") for port, kind in found.inputs.items()
    }
    where = {value: at for value, at in places(found).items() if value != "filename_prefix"}
    assert ports == expected["inputs"]
    assert dict(found.output_nodes) == expected["outputs"]
    assert [name + "*" * spec.required for name, spec in found.params.items()] == expected["params"]
    assert found.derive == expected["derive"]
    assert where == expected["places"]


def test_a_song_has_no_tempo_key_or_language_of_the_sample() -> None:
    found = traced("audio_ace_step_1_5_checkpoint")

    assert found is not None
    defaults = {name: found.params[name].default for name in ("bpm", "key", "language")}
    assert defaults == {"bpm": 120, "key": "C major", "language": "unknown"}


def test_no_template_is_refused_that_is_not_known_to_be() -> None:
    found = {name: wrong for name in graphs() if (wrong := faults(name))}

    assert set(found) == set(REFUSED)
    assert all(word in found[name][0] for name, word in REFUSED.items())


def test_a_graph_holds_whichever_optional_pictures_are_left_out() -> None:
    checked = Counter[str]()
    for name in graphs():
        found = traced(name)
        optional = [port for port, spec in found.inputs.items() if spec.count[0] == 0] if found else []
        if found is None or not optional:
            continue
        tool = as_tool(name, found)
        for absent in (c for size in range(1, len(optional) + 1) for c in combinations(optional, size)):
            less = without_optional(tool.implementations[0], absent)
            assert facts.graph_faults(tool, less, newest()) == [], (name, absent)
            assert set(less.outputs.values()) <= set(less.graph)
            checked[name] += 1

    assert checked["utility_image_stitch"] == 7
    assert len(checked) >= 8


def test_every_medium_is_bound_and_every_output_typed() -> None:
    for name in graphs():
        found = traced(name)
        if found is not None:
            assert unbound_media(found) == [], name
            assert set(found.outputs) == set(found.output_nodes), name
            assert found.output_nodes, name


def test_no_sample_text_of_a_template_is_used_silently() -> None:
    """A prompt is required, unless it is one of a tool's many presets or only helps to repaint a little. So is what is
    looked for, unless that is anybody."""
    silent = {
        name
        for name in graphs()
        if (t := traced(name)) and "prompt" in t.params and not t.params["prompt"].required
    }

    assert silent == {
        "templates-1_click_multiple_character_angles-v1.0",
        "templates-1_click_multiple_scene_angles-v1.0",
        "utility_z_image_turbo_2k_upscaler.app",
    }
    sought = {
        t.params[key].default
        for name in graphs()
        if (t := traced(name))
        for key in t.params
        if "subject" in key
    }
    assert sought == {None, "human"}


def test_a_default_lies_within_its_range() -> None:
    for name in graphs():
        found = traced(name)
        for key, spec in found.params.items() if found else ():
            if spec.minimum is not None and spec.maximum is not None and spec.default is not None:
                assert spec.minimum <= spec.default <= spec.maximum, (name, key)
