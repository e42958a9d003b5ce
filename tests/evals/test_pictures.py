"""What is said of a picture is so; and a plan that is run gives pictures to say it of."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from base.settings import Settings
from evals import pictures, runner
from evals.assembly import open_lab
from evals.model import PictureFacts
from tests.evals.subjects import Told, parsed, planned, step
from tools.model import AssetRef
from tools.testing import HashEncoder


def facts(folder: Path, image: Image.Image, parent: Image.Image | None = None) -> PictureFacts:
    image.save(folder / "image.png")
    if parent is not None:
        parent.save(folder / "parent.png")
    return pictures.facts("s1", folder / "image.png", None if parent is None else folder / "parent.png")


def test_size_blankness_greyness_and_transparency(tmp_path: Path) -> None:
    plain = facts(tmp_path, Image.new("RGB", (30, 20), "red"))
    half = Image.new("RGBA", (30, 20), (9, 9, 9, 255))
    half.paste((200, 200, 200, 128), (0, 0, 15, 20))
    mixed = facts(tmp_path, half)

    assert (plain.size, plain.blank, plain.gray, plain.alpha) == ((30, 20), True, False, False)
    assert (mixed.blank, mixed.gray, mixed.alpha) == (False, True, True)


def test_what_changed_lies_in_a_box(tmp_path: Path) -> None:
    before = Image.new("RGB", (100, 80), "navy")
    after = before.copy()
    after.paste((255, 0, 0), (10, 20, 30, 25))

    assert facts(tmp_path, after, before).changed_box == (10, 20, 20, 5)
    assert facts(tmp_path, before, before).changed_box is None
    assert facts(tmp_path, after.resize((50, 40)), before).comparable is False


def test_a_rounding_of_colours_is_no_change(tmp_path: Path) -> None:
    assert facts(tmp_path, Image.new("RGB", (8, 8), (11, 10, 9)), Image.new("RGB", (8, 8), (10, 10, 10))).changed_box is None


def test_samples_are_the_same_each_time_and_others_by_name() -> None:
    assert pictures.sample("A1", 64, 48) == pictures.sample("A1", 64, 48) != pictures.sample("A2", 64, 48)


SHOWN = "{handle: A1, origin: upload, size: [320, 240]}"
TURNS = (
    "{text: crop and grey, expect: {picture: {size: [240, 240], gray: true, blank: false}}},"
    "{text: grow the new one, expect: {picture: {size: [480, 480], gray: true}}}"
)


async def test_plans_are_run_and_later_turns_go_on_with_what_was_made(tmp_path: Path) -> None:
    case = parsed(f"- {{name: n, shown: [{SHOWN}], turns: [{TURNS}]}}")
    square = step("s1", "crop_image", "A1", deliver=False, ratio="1:1")
    first = planned(square, step("s2", "adjust_color", "s1", grayscale=True))
    made = AssetRef(asset_id="asset-turn0-s2-0", handle="A2")
    grown = step("s1", "resize_image", factor=2).model_copy(update={"inputs": {"image": (made,)}})
    settings = Settings(data=tmp_path, _env_file=None)
    async with open_lab(settings, outcome=True, encoder=HashEncoder()) as lab:
        verdict = await runner.ask(case, Told({"n": [first, planned(grown)]}), darkroom=lab.darkroom)

    assert [turn.scores["picture"] for turn in verdict.turns] == [1, 1], [turn.answer.detail for turn in verdict.turns]
    assert all(p.thumbnail.startswith("data:image/jpeg") for turn in verdict.turns for p in turn.answer.pictures or ())
