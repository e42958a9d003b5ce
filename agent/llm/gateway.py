"""The one edge to litellm: asks a model for JSON, yields the text as it comes, tells failures in our words."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Mapping, Sequence
from contextlib import aclosing
from inspect import isawaitable
from typing import Any, TypeVar

from agent.errors import (
    ModelLacksJson,
    ModelMisbehaved,
    ModelOverloaded,
    ModelProblem,
    ModelRefused,
    ModelUnreachable,
)
from agent.llm import dialect, failures, library
from agent.llm.access import Access
from agent.llm.protocols import Message, Price, Tokens
from agent.llm.schema import RESPONSE_FORMAT
from base.clock import Clock

T = TypeVar("T")

PATIENCE_S = 5.0
"""A Retry-After up to this is waited for, once."""
_NO_ACCESS = Access()


class LitellmGateway:
    """Implements agent.llm.protocols.Gateway. `silence_s`: how long a model may say nothing."""

    def __init__(self, access: Mapping[str, Access], clock: Clock, silence_s: float) -> None:
        self._access = access
        self._clock = clock
        self._silence_s = silence_s
        self._without_schema: set[str] = set()

    async def warm(self) -> None:
        await library.loaded()

    async def stream(self, model: str, messages: Sequence[Message]) -> AsyncGenerator[str | Tokens, None]:
        response = await self._opened(model, messages)
        watched = await self._watched(response)
        said = False
        async with aclosing(response):
            while (chunk := await self._guarded(anext(response, None))) is not None:
                if text := _text(chunk):
                    said = True
                    yield text
                if (usage := getattr(chunk, "usage", None)) is not None:
                    yield Tokens(usage.prompt_tokens or 0, usage.completion_tokens or 0, _cached(usage))
        watched.judge(said)

    def price(self, model: str) -> Price | None:
        """From litellm's own list. At somebody's own URL it says nothing of what is paid there."""
        if self._access.get(model, _NO_ACCESS).url is not None:
            return None
        return dialect.price(library.load().model_cost, model)

    async def close(self) -> None:
        if library.load.cache_info().currsize:
            await library.load().close_litellm_async_clients()

    async def _opened(self, model: str, messages: Sequence[Message]) -> Any:
        wait = 0.0
        for last in (False, True):
            try:
                return await self._asked(model, messages)
            except ModelOverloaded as problem:
                if last or problem.retry_after_s is None or problem.retry_after_s > PATIENCE_S:
                    raise
                wait = problem.retry_after_s
            await self._clock.sleep(wait)
        raise AssertionError

    async def _asked(self, model: str, messages: Sequence[Message]) -> Any:
        """With the schema where the provider knows how, else as plain JSON: the rules say the form in words too."""
        litellm = await library.loaded()
        if model not in self._without_schema and _knows_formats(litellm, model):
            try:
                return await self._call(litellm, model, messages, RESPONSE_FORMAT)
            except ModelLacksJson:
                self._without_schema.add(model)
        return await self._call(litellm, model, messages, {"type": "json_object"})

    async def _call(
        self, litellm: Any, model: str, messages: Sequence[Message], response_format: Mapping[str, Any]
    ) -> Any:
        access = self._access.get(model, _NO_ACCESS)
        return await self._guarded(
            litellm.acompletion(
                model=dialect.called(model), messages=dialect.written(model, messages), response_format=response_format,
                api_base=dialect.address(model, access.url), api_key=access.key, stream=True,
                stream_options={"include_usage": True}, num_retries=0, max_retries=0, drop_params=True,
                timeout=self._silence_s * 2, **dialect.extras(model, messages),
            )
        )  # fmt: skip

    async def _watched(self, response: Any) -> _Watched:
        library.keep_from_logging(response)
        if response.completion_stream is None:  # some providers' requests start with the first chunk
            await self._guarded(response.fetch_stream())
        watched = _Watched(response.completion_stream)
        if hasattr(response.completion_stream, "__aiter__"):
            response.completion_stream = watched
        return watched

    async def _guarded(self, awaiting: Awaitable[T]) -> T:
        """Wait for the library at most `silence_s`. Its errors end here: ours is raised without them as its context,
        because they quote the request."""
        problem: ModelProblem
        known = failures.expected(library.load())
        try:
            async with asyncio.timeout(self._silence_s):
                return await awaiting
        except TimeoutError:
            problem = ModelUnreachable(f"The language model said nothing for {self._silence_s:g} seconds.")
        except known as error:
            problem = failures.problem_of(error, self._clock.now())
        raise problem


class _Watched:
    """The provider's own stream, looked at on its way into litellm, which drops refusals and invents endings."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._iterator = aiter(stream) if hasattr(stream, "__aiter__") else None
        self._chosen = False
        self._ending: str | None = None
        self._refused = False

    def __aiter__(self) -> _Watched:
        return self

    async def __anext__(self) -> Any:
        if self._iterator is None:
            raise StopAsyncIteration
        chunk = await anext(self._iterator)
        for choice in getattr(chunk, "choices", None) or ():
            self._chosen = True
            self._ending = getattr(choice, "finish_reason", None) or self._ending
            self._refused = self._refused or bool(getattr(getattr(choice, "delta", None), "refusal", None))
        return chunk

    async def aclose(self) -> None:
        close = getattr(self._stream, "aclose", None) or getattr(self._stream, "close", None)
        closing = close() if close is not None else None
        if isawaitable(closing):
            await closing

    def judge(self, said: bool) -> None:
        """Raise what the end of the stream means. `said`: whether there was any text."""
        if self._refused or self._ending in ("content_filter", "refusal"):
            raise ModelRefused
        if self._chosen and self._ending is None:
            raise ModelUnreachable("The language model's answer was cut off.")
        if not said:
            raise ModelMisbehaved("The language model answered with nothing.", action="Check STATIONTHIS_MODEL_URL.")


def _text(chunk: Any) -> str:
    return "".join(choice.delta.content or "" for choice in chunk.choices[:1])


def _cached(usage: Any) -> int:
    """Prompt tokens that came from the provider's cache, where it says so."""
    return getattr(getattr(usage, "prompt_tokens_details", None), "cached_tokens", None) or 0


def _knows_formats(litellm: Any, model: str) -> bool:
    """Whether the provider has `response_format` at all; litellm would drop it in silence."""
    return "response_format" in (litellm.get_supported_openai_params(model=dialect.called(model)) or ("response_format",))
