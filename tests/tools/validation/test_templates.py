"""Which of the official templates a server takes, and why it does not take the others."""

from __future__ import annotations

import pytest

from tests.tools.convert.comparing import templates
from tests.untraced import EXHAUSTIVE
from tools import facts
from tools.convert.conversion import convert
from tools.validation.validating import validate

pytestmark = EXHAUSTIVE

NEWER_CODEC = {("invalid_input_type", "bit_depth")}
NEWER_MODEL = {("value_not_in_list", "type")}
REFUSED = {
    "0.33.0": {
        "image_moss_image_t2i": NEWER_MODEL,
        "image_moss_image_base_t2i": NEWER_MODEL,
        "video_ltx2_3_ia2v": NEWER_CODEC,
        "video_ltx2_3_t2v": NEWER_CODEC,
        "video_ltx2_3_ic_lora": NEWER_CODEC,
        "video_minimax_h3_multiframe_reference": NEWER_CODEC,
        "3d_pixal3d_trellis2_image_to_model": {("dynamic_key_unknown", "sign_mode")},
        "video_ltx2_i2v_lora": {("required_input_missing", None)},  # its own links are broken
    },
    "0.3.64": {
        "image_newbieimage_exp0_1-t2i": NEWER_MODEL,
        "image_kandinsky5_t2i": NEWER_MODEL,
        "image_ovis_text_to_image": NEWER_MODEL,
        "image-qwen_image_edit_2511_lora_inflation": {("value_not_in_list", "reference_latents_method")},
    },
}


@pytest.mark.parametrize(("version", "taken"), [("0.33.0", 222), ("0.3.64", 79)])
def test_every_template_that_is_not_taken_is_so_for_a_known_reason(version: str, taken: int) -> None:
    info = facts.reference()[version]
    conversions = {name: convert(ui, info) for name, ui in templates().items()}
    faults = {name: validate(c.graph, info) for name, c in conversions.items() if not c.unknown}

    assert {name: {(f.code, f.input) for f in found} for name, found in faults.items() if found} == REFUSED[version]
    assert sum(not found for found in faults.values()) == taken
