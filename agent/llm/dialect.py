"""What is particular to a provider: how it is called by litellm, how it is asked to cache, how long a prompt it reads. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agent.llm.budget import estimated
from agent.llm.protocols import Message, Price

_OLLAMA = ("ollama", "ollama_chat")
_MARKED = ("anthropic", "bedrock", "vertex_ai", "openrouter")
"""Where Claude caches only what is marked; everybody else caches by itself, and some servers refuse the marks."""
_MARK = {"cache_control": {"type": "ephemeral"}}
_WINDOWS = (8_192, 16_384, 32_768)
"""Ollama cuts a longer prompt than its window in silence, and loads the model anew for another window."""
_ANSWER = 1_500


def called(model: str) -> str:
    """litellm's name. Ollama is asked in its chat protocol: in the other one litellm holds a JSON answer back to its end."""
    prefix, _, name = model.partition("/")
    return f"ollama_chat/{name}" if prefix == "ollama" else model


def address(model: str, url: str | None) -> str | None:
    """Ollama's own protocol lies beside the OpenAI-compatible one, whose address people know."""
    if url is not None and _provider(model) in _OLLAMA:
        return url.rstrip("/").removesuffix("/v1")
    return url


def extras(model: str, messages: Sequence[Message]) -> dict[str, Any]:
    """Parameters that only this provider has."""
    if _provider(model) not in _OLLAMA:
        return {}
    need = sum(estimated(message.content) for message in messages) + _ANSWER
    return {"num_ctx": next((window for window in _WINDOWS if window >= need), _WINDOWS[-1])}


def written(model: str, messages: Sequence[Message]) -> list[dict[str, Any]]:
    """Messages as OpenAI has them; for Claude in blocks, with a mark at the end of what stays the same."""
    if _provider(model) not in _MARKED or "claude" not in model.lower():
        return [{"role": message.role, "content": message.content} for message in messages]
    return [{"role": message.role, "content": _blocks(message)} for message in messages]


def price(costs: Mapping[str, Any], model: str) -> Price | None:
    """What litellm's list says of this very provider's model."""
    own = costs.get(model)
    bare = costs.get(model.partition("/")[2], {})
    entry = own or (bare if bare.get("litellm_provider") == _provider(model) else costs.get(model) or {})
    if "input_cost_per_token" not in entry or "output_cost_per_token" not in entry:
        return None
    prompt, completion = float(entry["input_cost_per_token"]), float(entry["output_cost_per_token"])
    return Price(prompt, completion, float(entry.get("cache_read_input_token_cost") or prompt))


def _blocks(message: Message) -> list[dict[str, Any]]:
    stable = [{"type": "text", "text": message.stable, **_MARK}] if message.stable else []
    return [*stable, *([{"type": "text", "text": message.text}] if message.text else [])]


def _provider(model: str) -> str:
    prefix, slash, _ = model.partition("/")
    return prefix.lower() if slash else "openai"
