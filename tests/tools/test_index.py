"""Finding tools by words: fused ranking, cached vectors, and what people really say."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from tools.embedding import MiniLmEncoder
from tools.index import ToolIndex
from tools.model import Capabilities, Source, SourceKind, Tool
from tools.protocols import Vectors
from tools.search.passages import passages_of
from tools.search.sayings import jobs
from tools.service import EVERYDAY, ToolCatalogue, load_tools
from tools.testing import HashEncoder

TOOLS = load_tools()
CREATE = {tool.name for tool in TOOLS if tool.family == "text to image"}
CHANGE = {tool.name for tool in TOOLS if tool.family == "edit"}
ENLARGE = {"resize_image", *(tool.name for tool in TOOLS if tool.family == "upscale")}
PARAPHRASES: list[tuple[str, set[str]]] = [
    ("I need an illustration of a wizard for a book cover", CREATE), ("picture of my dream house", CREATE),
    ("could you paint a stormy sea", CREATE), ("make me a logo with a bear", CREATE),
    ("photo of a dog surfing", CREATE), ("generate concept art of a space station", CREATE),
    ("draw a comic panel", CREATE), ("a beautiful sunset over mountains", CREATE),
    ("take the lamp post out", CHANGE), ("give the woman red hair", CHANGE),
    ("swap the background for a jungle", {"replace_background", *CHANGE}), ("put sunglasses on him", CHANGE),
    ("make it look like a van Gogh", CHANGE), ("turn my photo into a cartoon", CHANGE),
    ("make it winter in this picture", CHANGE), ("repaint it in watercolours", CHANGE),
    ("erase the people in the back", CHANGE), ("the colours look dull", {"adjust_color"}),
    ("make the colours more vivid", {"adjust_color"}), ("it is too dark", {"adjust_color"}),
    ("turn down the saturation", {"adjust_color"}), ("black and white please", {"adjust_color"}),
    ("I'd like a warmer tone", {"adjust_color"}), ("increase the contrast", {"adjust_color"}),
    ("lighten this photograph", {"adjust_color"}), ("old brown photo look, sepia", {"adjust_color"}),
    ("make it monochrome", {"adjust_color"}), ("cut it to a square", {"crop_image"}),
    ("trim the sides off", {"crop_image"}), ("I want it in widescreen format", {"crop_image"}),
    ("crop the image for a phone story", {"crop_image"}), ("it is lying on its side, turn it", {"rotate_image"}),
    ("rotate ninety degrees clockwise", {"rotate_image"}), ("mirror it left to right", {"flip_image"}),
    ("flip this upside down", {"flip_image", "rotate_image"}), ("make it four times as large", ENLARGE),
    ("increase resolution for printing", ENLARGE), ("higher resolution with more detail", ENLARGE),
    ("make it smaller, 800 pixels wide", {"resize_image"}), ("half size please", {"resize_image"}),
    ("I need a small thumbnail", {"resize_image"}), ("blur the whole thing", {"blur_image"}),
    ("make it dreamy and soft", {"blur_image"}), ("the edges should be crisper", {"sharpen_image"}),
    ("sharpen the details", {"sharpen_image"}), ("like a film negative", {"invert_image"}),
    ("reverse all the colours into their opposites", {"invert_image"}),
]  # fmt: skip


SECOND = 7
"""So many of some two hundred examples may find a tool of another kind first, as long as theirs is among three."""
SAID = {text for job in jobs() for text in job.say}


def texts(tools: Sequence[Tool]) -> set[str]:
    """Everything that is embedded for these tools."""
    return SAID | {passage.text for tool in tools for passage in passages_of(tool)}


class CountingEncoder(HashEncoder):
    """How many texts were embedded."""

    def __init__(self) -> None:
        self.count = 0

    async def encode(self, texts: Sequence[str]) -> Vectors:
        self.count += len(texts)
        return await super().encode(texts)


@pytest.fixture
async def hashed(hash_encoder: HashEncoder) -> ToolCatalogue:
    catalogue = ToolCatalogue(TOOLS, ToolIndex(hash_encoder, None))
    await catalogue.prepare()
    return catalogue


@pytest.fixture
async def catalogue(encoder: MiniLmEncoder, tmp_path_factory: pytest.TempPathFactory) -> ToolCatalogue:
    """With the real encoder, its vectors cached among these tests."""
    made = ToolCatalogue(TOOLS, ToolIndex(encoder, tmp_path_factory.getbasetemp() / "vectors"))
    await made.prepare()
    return made


async def names(catalogue: ToolCatalogue, query: str, limit: int = 20) -> list[str]:
    return [found.tool.name for found in await catalogue.search(query, [], limit)]


async def test_people_find_the_tool_they_mean(catalogue: ToolCatalogue) -> None:
    found = [(query, right, await names(catalogue, query, 3)) for query, right in PARAPHRASES]
    first = [query for query, right, got in found if got[0] not in right]
    third = [query for query, right, got in found if not right & set(got)]
    assert len(third) <= 2, third
    assert len(first) <= len(PARAPHRASES) // 5, first


async def test_every_example_finds_its_own_tool_or_one_of_its_kind(catalogue: ToolCatalogue) -> None:
    missed, later = [], []
    for tool, text in [(each, example.text) for each in TOOLS for example in each.examples]:
        found = [each.tool.family for each in await catalogue.search(text, [], 3)]
        missed += [text] if tool.family not in found else []
        later += [text] if tool.family != found[0] else []
    assert missed == []
    assert len(later) <= SECOND, later


async def test_an_empty_query_lists_all_what_is_wanted_every_day_first(hashed: ToolCatalogue) -> None:
    found = await hashed.search("  ", [], 100)
    assert sorted(f.tool.name for f in found) == sorted(tool.name for tool in TOOLS)
    families = list(dict.fromkeys(f.tool.family for f in found))
    assert families[: len(EVERYDAY)] == list(EVERYDAY)
    assert families[len(EVERYDAY) :] == sorted(families[len(EVERYDAY) :])
    assert {f.score for f in found} == {0.0}


@pytest.mark.parametrize(
    "query", ["???", "🦊", "the of and", "中文", "x" * 5000, "'; DROP TABLE tools", "{}", "\x00"]
)
async def test_any_query_is_answered(hashed: ToolCatalogue, query: str) -> None:
    assert await hashed.search(query, [], 5)


async def test_scores_fall_and_the_limit_holds(hashed: ToolCatalogue) -> None:
    found = await hashed.search("crop it square", [], 4)
    scores = [f.score for f in found]
    assert len(found) == 4
    assert scores == sorted(scores, reverse=True)
    assert found[0].tool.name == "crop_image"
    assert 0 < scores[0] <= 1


async def test_what_is_found_says_whether_it_can_run(hashed: ToolCatalogue) -> None:
    here = Capabilities(frozenset({"LoadImage", "ImageCrop", "SaveImage"}))
    shapes = [found.shape() for found in await hashed.search("crop or blur", [here], 20)]
    can = {shape["name"]: shape["available"] for shape in shapes}
    assert (can["crop_image"], can["blur_image"]) == (True, False)
    assert (
        next(shape["reason"] for shape in shapes if shape["name"] == "blur_image")
        == "the render server lacks the nodes ImageBlur"
    )


async def test_nothing_is_ready_before_it_was_prepared(hash_encoder: HashEncoder) -> None:
    catalogue = ToolCatalogue(TOOLS, ToolIndex(hash_encoder, None))
    assert not catalogue.warm()
    await catalogue.prepare()
    assert catalogue.warm()


async def test_cached_vectors_are_used_again(tmp_path: Path) -> None:
    first, second = CountingEncoder(), CountingEncoder()
    await ToolIndex(first, tmp_path / "cache").build(TOOLS)
    await ToolIndex(second, tmp_path / "cache").build(TOOLS)
    assert first.count == len(texts(TOOLS))
    assert second.count == 0


async def test_one_more_tool_embeds_only_its_own_texts(tmp_path: Path) -> None:
    await ToolIndex(CountingEncoder(), tmp_path).build(TOOLS[1:])
    encoder = CountingEncoder()
    await ToolIndex(encoder, tmp_path).build(TOOLS)
    assert encoder.count == len(texts(TOOLS)) - len(texts(TOOLS[1:])) > 0


async def test_other_weights_are_not_mixed_up(tmp_path: Path) -> None:
    await ToolIndex(CountingEncoder(), tmp_path).build(TOOLS)
    other = CountingEncoder()
    other.name = "hash-other"
    await ToolIndex(other, tmp_path).build(TOOLS)
    assert other.count == len(texts(TOOLS))


@pytest.mark.parametrize("left", [b"", b"half a file", b"PK\x03\x04", b"PK\x05\x06" + bytes(18)])
async def test_a_broken_cache_is_made_again(tmp_path: Path, left: bytes) -> None:
    await ToolIndex(CountingEncoder(), tmp_path).build(TOOLS)
    (file,) = tmp_path.glob("*.npz")
    file.write_bytes(left)
    encoder = CountingEncoder()
    index = ToolIndex(encoder, tmp_path)
    await index.build(TOOLS)
    assert (await index.search("crop it square", 1))[0][0] == "crop_image"
    assert encoder.count == len(texts(TOOLS)) + 1
    assert np.load(file)["vectors"].shape[0] == len(texts(TOOLS))


async def test_a_second_build_replaces_the_first(hash_encoder: HashEncoder) -> None:
    index = ToolIndex(hash_encoder, None)
    await index.build(TOOLS)
    await index.build([tool for tool in TOOLS if tool.name == "blur_image"])
    assert [name for name, _ in await index.search("crop it square", 10)] == ["blur_image"]


async def test_without_words_the_everyday_tools_lead_and_nothing_is_left_out() -> None:
    template = TOOLS[0].model_copy(update={"name": "a_template", "family": "3d", "source": Source(kind=SourceKind.TEMPLATE)})
    catalogue = ToolCatalogue([template, *TOOLS], ToolIndex(HashEncoder(), None))
    found = [each.tool.name for each in await catalogue.search("", [], 1000)]
    assert "text_to_image" in found[:12]
    assert found[-1] == "a_template"
    assert len(found) == len(set(found)) == len(catalogue.all())
