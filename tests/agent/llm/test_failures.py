"""Every error that the libraries export has a meaning of its own here."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import openai
import pytest

from agent.errors import ModelProblem, ModelUnreachable
from agent.llm import failures, library

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def public_errors(module: Any) -> list[type[BaseException]]:
    return [c for n, c in vars(module).items() if isinstance(c, type) and issubclass(c, BaseException) and not n.startswith("_")]


def test_every_public_error_of_litellm_is_on_the_list() -> None:
    litellm = library.load()
    listed = [*public_errors(litellm.exceptions), *litellm.LITELLM_EXCEPTION_TYPES]
    assert len(listed) > 30
    missing = {error.__name__ for error in listed} - set(failures.KINDS)
    assert not missing, "say what these mean to a person"


def test_every_public_error_of_litellm_openai_and_httpx_is_caught_at_the_edge() -> None:
    litellm = library.load()
    known = failures.expected(litellm)
    for module in (litellm.exceptions, openai, httpx):
        for error in public_errors(module):
            if not issubclass(error, Warning | httpx.CookieConflict):
                assert issubclass(error, known), error


@pytest.mark.parametrize(
    "error", [httpx.ReadTimeout("x"), httpx.ConnectError("x"), ConnectionResetError(), httpx.RemoteProtocolError("x")]
)
def test_what_the_transport_says_is_unreachable(error: Exception) -> None:
    assert isinstance(failures.problem_of(error, NOW), ModelUnreachable)


def test_an_error_nobody_has_seen_is_still_a_problem_of_the_model() -> None:
    class Novel(Exception):
        """From a release that is not out yet."""

    assert type(failures.problem_of(Novel("words"), NOW)) is ModelProblem


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("4", 4.0), ("0.5", 0.5), ("Thu, 01 Jan 2026 00:00:07 GMT", 7.0), ("Wed, 31 Dec 2025 00:00:00 GMT", 0.0), ("soon", None)],
)
def test_a_retry_after_is_read_in_both_forms(value: str, seconds: float | None) -> None:
    class RateLimitError(Exception):
        litellm_response_headers = httpx.Headers({"Retry-After": value})

    assert failures.problem_of(RateLimitError(), NOW).retry_after_s == seconds
