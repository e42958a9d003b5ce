"""Fakes of the tools room: an encoder without weights."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import numpy as np

from tools.protocols import Vectors


class HashEncoder:
    """Bags of hashed word stems: close texts share words. Deterministic, instant, no torch."""

    name = "hash-256"
    size = 256

    async def encode(self, texts: Sequence[str]) -> Vectors:
        return np.stack([self._vector(text) for text in texts])

    async def load(self) -> None:
        return None

    def close(self) -> None:
        return None

    def _vector(self, text: str) -> Vectors:
        vector = np.zeros(self.size, dtype=np.float32)
        for word in re.findall(r"[a-z0-9]+", text.lower()):
            digest = hashlib.blake2b(word[:5].encode(), digest_size=4).digest()
            vector[int.from_bytes(digest, "big") % self.size] += 1.0
        norm = float(np.linalg.norm(vector))
        return vector / norm if norm else np.full(self.size, self.size**-0.5, dtype=np.float32)
