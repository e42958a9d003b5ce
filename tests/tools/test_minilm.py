"""The model as we wrote it out gives the vectors that sentence-transformers 6.2 gave for the same weights.

To make them anew: `SentenceTransformer(str(model_folder())).encode(TEXTS, normalize_embeddings=True)`, then `savez_compressed`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tools.embedding import BATCH, model_folder
from tools.minilm import LONGEST, MiniLm

KEPT = Path(__file__).with_name("minilm.npz")
TEXTS = (
    "make it brighter", "A Lighthouse in a Storm, oil on canvas", "", "  spaces  everywhere ",
    "Ünïcödé façade, naïve crème brûlée",
    "帮我画一只猫", "нарисуй маяк", "🎨🖌️", "a" * 300, "word " * 200, "one two three four five " * 80, "upscale the second one 4x",
    *(f"{number} red apples on a table" for number in range(30)),
)  # fmt: skip


@pytest.fixture(scope="module")
def model() -> MiniLm:
    return MiniLm(model_folder())


def test_vectors_are_those_of_the_library(model: MiniLm) -> None:
    expected = np.load(KEPT)["vectors"]

    assert np.abs(model.encode(TEXTS, BATCH) - expected).max() < 1e-6


def test_neither_company_nor_place_in_a_batch_changes_a_vector(model: MiniLm) -> None:
    together = model.encode(TEXTS, BATCH)
    alone = np.concatenate([model.encode([text], 1) for text in TEXTS])

    assert np.abs(together - alone).max() < 1e-6


def test_what_comes_after_the_longest_is_not_read(model: MiniLm) -> None:
    words = "tree " * LONGEST
    first, second = model.encode([f"{words} in winter", f"{words} at sea"], BATCH)

    assert np.abs(first - second).max() < 1e-6
