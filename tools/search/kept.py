"""Vectors that are kept in the data folder, each by its text: one more tool embeds its own texts and no other."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from base.files import beside
from tools.protocols import Encoder, Vectors

SPARE = 4
"""Texts that are no longer asked for are kept until they are so many times those that are."""


class KeptVectors:
    """One file for an encoder's weights; without a folder nothing is kept."""

    def __init__(self, encoder: Encoder, folder: Path | None) -> None:
        self._encoder = encoder
        self._file = None if folder is None else folder / f"passages-{_digest(encoder.name)[:16]}.npz"

    async def of(self, texts: Sequence[str]) -> Vectors:
        """Shape (len(texts), size). Raises EncoderBroken when something new cannot be embedded."""
        keys = [_digest(text) for text in texts]
        known = await asyncio.to_thread(self._read)
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        if new:
            fresh = await self._encoder.encode(list(new.values()))
            known |= dict(zip(new, fresh, strict=True))
            await asyncio.to_thread(self._save, known, keys)
        empty = np.empty((0, self._encoder.size), dtype=np.float32)
        return np.stack([known[key] for key in keys]) if keys else empty

    def _read(self) -> dict[str, Vectors]:
        """What is kept; nothing when there is none, or when the file is not whole."""
        if self._file is None:
            return {}
        try:
            with self._file.open("rb") as handle, np.load(handle, allow_pickle=False) as file:
                keys, vectors = file["keys"], np.asarray(file["vectors"], dtype=np.float32)
        except (OSError, ValueError, EOFError, KeyError, BadZipFile):
            return {}
        fits = vectors.ndim == 2 and vectors.shape[1] == self._encoder.size and len(keys) == len(vectors)
        return dict(zip([key.decode() for key in keys.tolist()], vectors, strict=True)) if fits else {}

    def _save(self, known: dict[str, Vectors], used: Sequence[str]) -> None:
        if self._file is None:
            return
        if len(known) > SPARE * len(used):
            known = {key: known[key] for key in used}
        with beside(self._file) as temporary:
            np.savez(temporary, keys=np.asarray([key.encode() for key in known]), vectors=np.stack(list(known.values())))
            temporary.replace(self._file)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
