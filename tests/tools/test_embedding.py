"""The real encoder: batches what waits, checks its weights, and ends."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import numpy as np
import pytest

from tests.patience import PATIENCE_S
from tools import embedding
from tools.embedding import MiniLmEncoder, check_weights
from tools.errors import EncoderBroken


async def test_vectors_are_unit_rows_of_the_promised_size(encoder: MiniLmEncoder) -> None:
    vectors = await encoder.encode(["a cat", "a dog", "the price of oil"])
    assert vectors.shape == (3, encoder.size)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2]


async def test_calls_at_the_same_time_each_get_their_own_rows(encoder: MiniLmEncoder) -> None:
    texts = [f"{number} red apples on a table" for number in range(40)]
    alone = await encoder.encode(texts)
    together = await asyncio.gather(*(encoder.encode([text]) for text in texts))
    assert np.allclose(np.concatenate(together), alone, atol=1e-4)


async def test_waiting_calls_are_answered_in_one_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    model = RecordingModel()
    monkeypatch.setattr(embedding, "_load_model", lambda: model)
    encoder = MiniLmEncoder()
    await encoder.load()
    await asyncio.gather(*(encoder.encode([str(number)]) for number in range(20)))
    encoder.close()
    assert sum(model.batches) == 20
    assert len(model.batches) < 20


async def test_whoever_encodes_nothing_loads_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = threading.Event()

    def load() -> RecordingModel:
        loaded.set()
        return RecordingModel()

    monkeypatch.setattr(embedding, "_load_model", load)
    idle, eager = MiniLmEncoder(), MiniLmEncoder()
    idle.close()
    idle.join(PATIENCE_S)
    assert not loaded.is_set()
    eager.begin()
    assert await asyncio.to_thread(loaded.wait, PATIENCE_S)
    eager.close()


async def test_no_text_gives_no_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding, "_load_model", RecordingModel)
    encoder = MiniLmEncoder()
    assert (await encoder.encode([])).shape[0] == 0
    encoder.close()


async def test_one_bad_batch_does_not_end_the_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    model = RecordingModel()
    monkeypatch.setattr(embedding, "_load_model", lambda: model)
    encoder = MiniLmEncoder()
    with pytest.raises(RuntimeError, match="scripted"):
        await encoder.encode(["fail"])
    assert (await encoder.encode(["well"])).shape == (1, 2)
    encoder.close()


async def test_a_cancelled_call_leaves_the_others_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding, "_load_model", RecordingModel)
    encoder = MiniLmEncoder()
    given_up = asyncio.ensure_future(encoder.encode(["nobody waits"]))
    await asyncio.sleep(0)
    given_up.cancel()
    assert (await encoder.encode(["somebody waits"])).shape == (1, 2)
    encoder.close()


async def test_weights_that_are_not_the_promised_ones_are_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"somebody else's")
    monkeypatch.setattr(embedding, "model_folder", lambda: tmp_path)
    encoder = MiniLmEncoder()
    with pytest.raises(EncoderBroken, match="checksum"):
        await encoder.load()
    with pytest.raises(EncoderBroken):
        await encoder.encode(["a cat"])
    encoder.close()


async def test_a_library_that_breaks_while_loading_is_told_and_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken() -> None:
        raise ImportError("scripted: no torch here")

    monkeypatch.setattr(embedding, "_load_model", broken)
    encoder = MiniLmEncoder()
    async with asyncio.timeout(PATIENCE_S):
        with pytest.raises(EncoderBroken):
            await encoder.load()
        with pytest.raises(EncoderBroken):
            await encoder.encode(["a cat"])
    encoder.close()


def test_missing_weights_are_told(tmp_path: Path) -> None:
    with pytest.raises(EncoderBroken, match="missing"):
        check_weights(tmp_path)


def test_a_missing_package_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(EncoderBroken, match="not installed"):
        embedding.model_folder()


async def test_after_closing_nothing_waits_forever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding, "_load_model", RecordingModel)
    encoder = MiniLmEncoder()
    await encoder.load()
    encoder.close()
    async with asyncio.timeout(PATIENCE_S):
        with pytest.raises(EncoderBroken):
            await encoder.encode(["too late"])


class RecordingModel:
    """Counts rows of each batch; fails when it is told to."""

    def __init__(self) -> None:
        self.batches: list[int] = []

    def encode(self, texts: list[str], **_options: object) -> np.ndarray:
        if "fail" in texts:
            raise RuntimeError("scripted")
        self.batches.append(len(texts))
        return np.ones((len(texts), 2), dtype=np.float32)
