"""all-MiniLM-L6-v2 as it is defined: six layers of BERT, the mean over the tokens, unit length.

Written out because a library that knows every model takes five seconds of processor to import, torch alone one; every
process that understands words pays for it at its start. Its vectors are those of sentence-transformers:
`tests/tools/test_minilm.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

from tools.protocols import Vectors

SIZE, LAYERS, HEADS = 384, 6, 12
LONGEST = 256
"""Tokens; what comes after them is not read."""
_EPSILON = 1e-12


class MiniLm:
    """The model in memory, for one thread."""

    def __init__(self, folder: Path) -> None:
        self._weights: dict[str, Tensor] = load_file(folder / "model.safetensors")
        self._tokens = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokens.enable_truncation(LONGEST)
        self._tokens.enable_padding()

    def encode(self, texts: Sequence[str], batch: int) -> Vectors:
        """A unit row of SIZE for each text. Texts of like length share a batch: the shorter are filled up to the longest."""
        vectors = np.empty((len(texts), SIZE), dtype=np.float32)
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]), reverse=True)
        for start in range(0, len(order), batch):
            places = order[start : start + batch]
            with torch.inference_mode():
                vectors[places] = self._batch([texts[place] for place in places])
        return vectors

    def _batch(self, texts: Sequence[str]) -> Vectors:
        read = self._tokens.encode_batch(texts)
        real = torch.tensor([each.attention_mask for each in read], dtype=torch.bool)
        hidden = self._embedded(torch.tensor([each.ids for each in read]))
        seen = real[:, None, None, :]
        for layer in range(LAYERS):
            hidden = self._layer(f"encoder.layer.{layer}", hidden, seen)
        counted = real[:, :, None].float()
        mean = (hidden * counted).sum(1) / counted.sum(1)
        found: Vectors = functional.normalize(mean, dim=1).numpy()
        return found

    def _embedded(self, ids: Tensor) -> Tensor:
        tables = ("word", "position", "token_type")
        words, places, kinds = (self._weights[f"embeddings.{table}_embeddings.weight"] for table in tables)
        return self._normed("embeddings.LayerNorm", words[ids] + kinds[0] + places[: ids.shape[1]])

    def _layer(self, name: str, hidden: Tensor, seen: Tensor) -> Tensor:
        batch, length, _ = hidden.shape
        asked, keys, values = (
            self._linear(f"{name}.attention.self.{part}", hidden).view(batch, length, HEADS, -1).transpose(1, 2)
            for part in ("query", "key", "value")
        )
        found = functional.scaled_dot_product_attention(asked, keys, values, attn_mask=seen).transpose(1, 2)
        told = self._linear(f"{name}.attention.output.dense", found.reshape(batch, length, SIZE))
        hidden = self._normed(f"{name}.attention.output.LayerNorm", told + hidden)
        inner = functional.gelu(self._linear(f"{name}.intermediate.dense", hidden))
        return self._normed(f"{name}.output.LayerNorm", self._linear(f"{name}.output.dense", inner) + hidden)

    def _linear(self, name: str, values: Tensor) -> Tensor:
        return functional.linear(values, self._weights[f"{name}.weight"], self._weights[f"{name}.bias"])

    def _normed(self, name: str, values: Tensor) -> Tensor:
        return functional.layer_norm(values, (SIZE,), self._weights[f"{name}.weight"], self._weights[f"{name}.bias"], _EPSILON)
