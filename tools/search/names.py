"""Models asked for by their names: "with flux", "z-image", "wan 2.2". Pure.

A name is a word of a tool's title, tags or own name that is no word of any job. Many models are called by common words
(lens, void, film): these count only where the request says that a name is meant.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from itertools import pairwise

from tools.model import SourceKind, Tool
from tools.search.words import STOPWORDS, atoms, plain

_PLAIN = """
    image video text to and from with of in on by for the a model models example simple basic generation generate
    edit editing full base dev fast turbo distilled checkpoint template templates utility node nodes v int8 fp8 fp16
    bf16 app api workflow single multi multiple new official showcase built-in click character scene audio music
    song 3d default tool tools preview version reference control controlnet style first last frame camera motion
    transfer color light lighting product upscale upscaler estimation map detection person segmentation
"""
PLAIN = frozenset(_PLAIN.split())
"""Words of titles that name no model."""
SURE = frozenset(["flux", "wan", "klein", "qwen", "sdxl", "sd", "hunyuan", "kontext", "ltx", "vace"])
"""Names that are common words too, but are hardly ever meant as such here."""
_CUE = frozenset(["with", "using", "use", "used", "via", "by", "in", "try", "model", "through", "pick", "choose", "take", "want"])
_KINDS = frozenset(["picture", "image", "photo", "drawing", "video", "clip", "song", "track", "render"])
"""A name may stand right before one of these: `ernie picture of a tea house`."""
SHORT = 3
"""In a request of so few words, a name is a name."""


def names_of(tool: Tool, common: Container[str], dull: Container[str]) -> frozenset[str]:
    """The words and joined words by which a tool's model may be called; `dull` are those that name none.

    A tag is a name where it has a word that is none of the language.
    """
    base = "" if tool.source.kind is SourceKind.CURATED else tool.base or ""  # a curated tool's tags say what it is called
    tags = [tag for tag in tool.tags if any(_strange(word, common, dull) for word in atoms(plain(tag)))]
    split = [atoms(plain(text)) for text in (tool.title, tool.name.replace("_", " "), base, *tags)]
    single = {word for words in split for word in words if word not in dull and len(word) > 1}
    return frozenset(single | {first + second for words in split for first, second in _pairs(words, dull)})


def called(text: str, names: Container[str], common: Container[str], dull: Container[str]) -> list[str]:
    """The names in a request: each once. `names` are those of all tools, `common` the words of the language."""
    words = atoms(plain(text))
    short = len([word for word in words if word not in STOPWORDS]) <= SHORT
    pairs = [first + second for first, second in _pairs(words, dull) if first + second in names]
    single = [word for at, word in enumerate(words) if word in names and _meant(words, at, short, common, dull)]
    return list(dict.fromkeys(pairs + single))


def is_said(title: str, text: str) -> bool:
    """Whether the words of a title stand in a text, one after the other."""
    words = atoms(plain(title))
    return bool(words) and f" {' '.join(words)} " in f" {' '.join(atoms(plain(text)))} "


def _pairs(words: Sequence[str], dull: Container[str]) -> list[tuple[str, str]]:
    """Neighbours of which one at least is part of a name, and none is empty."""
    full = [pair for pair in pairwise(words) if not STOPWORDS.intersection(pair)]
    return [pair for pair in full if any(word not in dull for word in pair)]


def _strange(word: str, common: Container[str], dull: Container[str]) -> bool:
    return word not in common and word not in dull and not word[0].isdigit()


def _meant(words: Sequence[str], at: int, short: bool, common: Container[str], dull: Container[str]) -> bool:
    """Whether a name is one here: no common word, or one that stands where names stand."""
    word = words[at]
    if word in dull:
        return False
    if word in SURE or (word not in common and not word.isdigit()):
        return True
    cued = at > 0 and words[at - 1] in _CUE
    following = words[at + 1] if at + 1 < len(words) else "-"
    return short or cued or following[0].isdigit() or (at == 0 and following in _KINDS)
