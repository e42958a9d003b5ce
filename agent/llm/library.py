"""litellm, imported when it is needed and made quiet: it takes seconds to import and logs what people write."""

from __future__ import annotations

import asyncio
import logging
import os
from functools import cache
from typing import Any

#: They log requests, in full at DEBUG; whatever the level of our own log is, they stay silent.
_TALKATIVE = ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy", "openai")


@cache
def load() -> Any:
    """The litellm module, configured. Blocks for seconds the first time: call it in a thread, or use `loaded`."""
    # Its lists come from the package, not from the network. Set, not read: it is how this library takes it.
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # noqa: TID251
    os.environ["LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS"] = "True"  # noqa: TID251
    import litellm

    _quieten(litellm)
    _rehearse(litellm)
    return litellm


async def loaded() -> Any:
    """The same, without holding up the event loop."""
    return await asyncio.to_thread(load)


def keep_from_logging(response: Any) -> None:
    """After an answer litellm builds a record of it for loggers that we have none of: it counts and copies what people
    wrote, and of an Ollama model it asks the server for a price, from the event loop, which stands still meanwhile. A
    response with such a hook is left to whoever set it."""
    response.logging_obj._on_deferred_stream_complete = _nobody


def _nobody(*_of: Any) -> None:
    """Never called: that it is there is what counts."""


def _quieten(litellm: Any) -> None:
    litellm.telemetry = False
    litellm.turn_off_message_logging = True
    litellm.redact_messages_in_exceptions = True
    litellm.suppress_debug_info = True
    litellm.set_verbose = False
    litellm.disable_streaming_logging = True
    litellm.disable_hf_tokenizer_download = True
    litellm.drop_params = True
    # httpx instead of aiohttp: its errors tell a cut from a silence, and its clients are closed with ours.
    litellm.disable_aiohttp_transport = True
    for callbacks in ("callbacks", "input_callback", "success_callback", "failure_callback", "service_callback"):
        setattr(litellm, callbacks, [])
    for name in _TALKATIVE:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.setLevel(logging.CRITICAL)


def _rehearse(litellm: Any) -> None:
    """One answer without a network: litellm imports as much again at the first call, and that would hold up the loop."""
    asked: list[dict[str, str]] = [{"role": "user", "content": "ok"}]
    for _ in litellm.completion(model="openai/rehearsal", api_key="none", messages=asked, stream=True, mock_response="ok"):
        pass
    from openai import AsyncOpenAI

    # The property imports the SDK's half that the first real call would.
    _ = AsyncOpenAI(api_key="none").chat.completions
