"""The parts of the search, one by one: words, slips, names, media, vectors, variants."""

from __future__ import annotations

import numpy as np
import pytest
from qdrant_client import QdrantClient

from tools.embedding import common_words
from tools.index import ToolIndex
from tools.model import Availability, MediaKind, Tool
from tools.protocols import Found
from tools.search import media
from tools.search.collapsing import offered
from tools.search.lexical import Lexicon
from tools.search.names import called, is_said, names_of
from tools.search.slips import Slips
from tools.search.vectors import MANY, Matrix, Qdrant, dots
from tools.search.words import atoms, plain, tokens
from tools.service import load_tools, nearest
from tools.testing import HashEncoder

TOOLS = {tool.name: tool for tool in load_tools()}


def like(name: str, **changes: object) -> Tool:
    return TOOLS["upscale_image"].model_copy(update={"name": name, **changes})


def found(tool: Tool, score: float, available: bool = True) -> Found:
    return Found(tool, score, Availability(available))


@pytest.mark.parametrize(
    ("one", "other"),
    [("animating pictures", "animated picture"), ("remove backgrounds", "removing the background"), ("colours", "color"),
     ("a pic", "picture"), ("img2vid", "image to video"), ("cropped", "crop")],
)  # fmt: skip
def test_forms_of_a_word_are_one(one: str, other: str) -> None:
    assert tokens(one) == tokens(other) != []


def test_names_are_cut_where_letters_meet_numbers() -> None:
    assert atoms(plain("Wan2.2 14B, FLUX.2 [Klein]; 3d at 4k")) == ["wan", "2.2", "14b", "flux", "2", "klein", "3d", "at", "4k"]


@pytest.mark.parametrize(
    ("said", "meant"),
    [("anmiate this", "animate this"), ("a vdeo", "a video"), ("backgroud", "background"), ("remoove", "remove"),
     ("late latte", "late latte"), ("creaking door", "creaking door"), ("zzzzzz", "zzzzzz"), ("", "")],
)  # fmt: skip
def test_slips_are_undone_only_where_they_are_sure(said: str, meant: str) -> None:
    slips = Slips(["animate", "video", "background", "remove", "breaking", "late"])

    assert slips.mended(said, {"door", "this"}.__contains__) == meant


@pytest.mark.parametrize("text", ["with z-image", "zimage please", "Z Image", "use z image turbo"])
def test_a_model_is_called_however_it_is_written(text: str) -> None:
    dull = frozenset({"image", "turbo", "please"})
    tool = like("image_z_image_turbo", title="Z-Image-Turbo: Text to Image", tags=())

    assert "zimage" in called(text, names_of(tool, common_words(), dull), common_words(), dull)


def test_a_common_word_is_a_name_only_where_names_stand() -> None:
    names, nothing = frozenset({"lens", "seedvr"}), frozenset[str]()

    assert called("a portrait through an old lens at night", names, common_words(), nothing) == []
    assert called("an old portrait at night with lens", names, common_words(), nothing) == ["lens"]
    assert called("a very long request about seedvr and more", names, common_words(), nothing) == ["seedvr"]


def test_a_title_is_said_whole_or_not() -> None:
    assert is_said("Sticker Maker", "use my sticker-maker on this")
    assert not is_said("Sticker Maker", "a maker of stickers")
    assert not is_said("", "anything")


def test_media_that_were_not_spoken_of_are_no_fit() -> None:
    image, video = frozenset({MediaKind.IMAGE}), frozenset({MediaKind.VIDEO})
    said = media.spoken("turn this photo into a video")

    assert said.becomes == video
    assert media.fit(said, image, video) > media.fit(said, video, image) > media.fit(said, image, image)
    assert media.fit(media.spoken("a red fox"), frozenset(), image) > media.fit(media.spoken("a red fox"), frozenset(), video)


def test_a_rare_word_weighs_more_and_a_late_document_as_much() -> None:
    documents = [{"title": ["upscal", "imag"]}, {"title": ["crop", "imag"]}, {"title": ["imag"]}]
    lexicon = Lexicon(documents, {"title": 1.0})

    assert lexicon.rarity("upscal") > lexicon.rarity("imag")
    scores = lexicon.scores(["upscal", "imag"], total=1.0)
    assert list(np.argsort(-scores)) == [0, 2, 1]
    assert lexicon.score(documents[0], ["upscal", "imag"], total=1.0) == pytest.approx(float(scores[0]))
    assert lexicon.scores(["unheard"], total=0.0).tolist() == [0, 0, 0]


def unit(rows: int, seed: int) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    made = np.random.default_rng(seed).normal(size=(rows, 32)).astype(np.float32) * np.linspace(1, 0.05, 32, dtype=np.float32)
    return np.asarray(made / np.linalg.norm(made, axis=1, keepdims=True), dtype=np.float32)


def test_the_matrix_and_qdrant_give_the_same_rows() -> None:
    rows, query = unit(700, 0), unit(1, 1)[0]
    ours, theirs = Matrix(rows).nearest(query, 20), Qdrant(QdrantClient(":memory:"), rows).nearest(query, 20)

    assert ours[0].tolist() == theirs[0].tolist()
    assert ours[1] == pytest.approx(theirs[1], abs=1e-5)


def test_a_second_filling_of_qdrant_replaces_the_first() -> None:
    client, rows = QdrantClient(":memory:"), unit(30, 0)
    Qdrant(client, rows)

    assert len(Qdrant(client, rows[:5]).nearest(rows[0], 20)[0]) == 5


def test_among_many_rows_the_nearest_are_still_found() -> None:
    rows, query = unit(MANY + 500, 2), unit(1, 3)[0]

    nearest, scores = Matrix(rows).nearest(query, 50)
    assert nearest.tolist() == np.argsort(-dots(rows, query), kind="stable")[:50].tolist()
    assert scores.tolist() == sorted(scores.tolist(), reverse=True)


def test_variants_of_a_choice_are_one_result() -> None:
    some = [found(like(name, group="upscale"), score) for name, score in (("b", 0.8), ("a", 0.9), ("c", 0.7))]
    results = offered([*some, found(TOOLS["crop_image"], 0.75)], 10)

    assert [(each.tool.name, each.variants) for each in results] == [("a", ("b", "c")), ("crop_image", ())]


def test_the_variant_that_can_run_leads_unless_another_is_meant() -> None:
    close = [found(like("away", group="g"), 0.80, available=False), found(like("here", group="g"), 0.78)]
    named = [found(like("away", group="g"), 1.20, available=False), found(like("here", group="g"), 0.78)]

    assert offered(close, 1)[0].tool.name == "here"
    assert offered(named, 1)[0].tool.name == "away"


def test_a_family_that_repeats_itself_leaves_room_for_another() -> None:
    many = [found(like(f"u{n}", group=None), 0.9 - n / 1000) for n in range(6)]
    results = offered([*many, found(TOOLS["crop_image"], 0.7)], 4)

    assert "crop_image" in [each.tool.name for each in results]
    assert [each.score for each in results] == sorted((each.score for each in results), reverse=True)


def test_scores_end_at_one() -> None:
    assert [each.score for each in offered([found(like("sure"), 1.7), found(like("not"), -0.5)], 5)] == [1.0, 0.0]


async def test_a_persons_own_tools_are_ranked_beside_all_others(hash_encoder: HashEncoder) -> None:
    index = ToolIndex(hash_encoder, None)
    await index.build(TOOLS.values())
    mine = like("my/sticker-3fa9c1", title="Sticker maker", description="Die-cut sticker of a thing", tags=(), owner="me")
    own = [(mine, await index.vectors_of(mine))]

    assert index.rank(await index.read("use my sticker maker on this"), 3, own)[0][0] == mine.name
    assert index.rank(await index.read("die-cut sticker of a thing"), 3, own)[0][0] == mine.name
    assert index.rank(await index.read("crop it square"), 1, own)[0][0] == "crop_image"
    assert mine.name not in [name for name, _ in index.rank(await index.read("sticker"), 100)]


@pytest.mark.parametrize(
    ("name", "meant"),
    [("crop", "crop_image"), ("resize", "resize_image"), ("text_to_imge", "text_to_image"), ("zzzzzz", None), ("", None)],
)
def test_a_name_that_is_none_is_answered_with_the_nearest(name: str, meant: str | None) -> None:
    assert nearest(name, {tool.name: tool for tool in load_tools()}) == meant
