"""What went wrong, in our words. Errors of the library carry text of the request, so nothing of them is kept but the kind.

Names instead of classes, because litellm is not imported before it is needed. The nearest name in an error's ancestry
decides; a test holds the list against all that litellm exports.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any

from agent.errors import (
    ModelLacksJson,
    ModelMisbehaved,
    ModelOverloaded,
    ModelProblem,
    ModelRefused,
    ModelUnreachable,
)

MAX_CHAIN = 16


@dataclass(frozen=True)
class Kind:
    """How a failure is told."""

    problem: type[ModelProblem]
    detail: str | None = None
    action: str | None = None


_UNREACHABLE = Kind(ModelUnreachable)
_OVERLOADED = Kind(ModelOverloaded)
_TROUBLED = Kind(ModelOverloaded, "The language model's server failed.")
_REFUSED = Kind(ModelRefused)
_MISBEHAVED = Kind(ModelMisbehaved)
_GARBLED = Kind(
    ModelMisbehaved, "The language model's server did not answer in its protocol.", "Check STATIONTHIS_MODEL_URL."
)
_REJECTED = Kind(ModelProblem, "The language model's server did not accept the request.")
_TOO_LONG = Kind(ModelProblem, "The conversation is too long for this language model.", "Start a new conversation.")
_KEY = Kind(ModelProblem, "The provider refused the language model's key.", "Check STATIONTHIS_MODEL_KEY.")
_NO_MODEL = Kind(ModelProblem, "The provider does not have this language model.", "Check STATIONTHIS_MODEL.")
_NO_MONEY = Kind(ModelProblem, "The language model's account has no credit left.", "Top it up, or choose another model.")
_BROKEN = Kind(ModelProblem)

KINDS: Mapping[str, Kind] = {
    # litellm, most of them also openai's names
    "APIConnectionError": _UNREACHABLE,
    "APIError": _BROKEN,
    "APIResponseValidationError": _GARBLED,
    "AuthenticationError": _KEY,
    "BadGatewayError": _TROUBLED,
    "BadRequestError": _REJECTED,
    "BlockedPiiEntityError": _REFUSED,
    "BudgetExceededError": _NO_MONEY,
    "ContentPolicyViolationError": _REFUSED,
    "ContextWindowExceededError": _TOO_LONG,
    "GuardrailRaisedException": _REFUSED,
    "ImageFetchError": _REJECTED,
    "InternalServerError": _TROUBLED,
    "InvalidRequestError": _REJECTED,
    "JSONSchemaValidationError": _MISBEHAVED,
    "LiteLLMUnknownProvider": _NO_MODEL,
    "MidStreamFallbackError": _UNREACHABLE,
    "MockException": _BROKEN,
    "ModelNotMappedError": _NO_MODEL,
    "ModifyResponseException": _REFUSED,
    "NotFoundError": _NO_MODEL,
    "OpenAIError": _BROKEN,
    "PaymentRequiredError": _NO_MONEY,
    "PermissionDeniedError": _KEY,
    "RateLimitError": _OVERLOADED,
    "RejectedRequestError": _REFUSED,
    "SensitiveDataRouteException": _REFUSED,
    "ServiceUnavailableError": _OVERLOADED,
    "Timeout": _UNREACHABLE,
    "UnprocessableEntityError": _REJECTED,
    "UnsupportedParamsError": _REJECTED,
    "VectorStoreSearchError": _REJECTED,
    # httpx, and what the machine itself says
    "DecodingError": _GARBLED,
    "HTTPError": _BROKEN,
    "InvalidURL": _NO_MODEL,
    "OSError": _UNREACHABLE,
    "RemoteProtocolError": _UNREACHABLE,
    "StreamError": _UNREACHABLE,
    "TransportError": _UNREACHABLE,
    "UnsupportedProtocol": _NO_MODEL,
    # a provider's answer that litellm's own code stumbles over
    "LookupError": _GARBLED,
    "TypeError": _GARBLED,
    "ValueError": _GARBLED,
}

_CODES: Mapping[str, Kind] = {
    "content_filter": _REFUSED,
    "content_policy_violation": _REFUSED,
    "context_length_exceeded": _TOO_LONG,
    "insufficient_quota": _NO_MONEY,
    "model_not_found": _NO_MODEL,
}
"""What servers say in the field they have for that, which litellm does not always read."""

_TRANSPORT = frozenset({"TransportError", "APITimeoutError", "ConnectionError"})


@cache
def expected(litellm: Any) -> tuple[type[Exception], ...]:
    """The classes that asking a model may raise: for an `except` at the edge."""
    import httpx
    from openai import OpenAIError

    own = [c for c in vars(litellm.exceptions).values() if isinstance(c, type) and issubclass(c, Exception)]
    return (OpenAIError, httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, ValueError, TypeError, LookupError, *own)


def problem_of(error: BaseException, now: datetime) -> ModelProblem:
    """The Problem that stands for an error of litellm, openai or httpx. `now` is for a Retry-After that is a date."""
    if _about_format(error):
        return ModelLacksJson()
    kind = _kind(error)
    wait = _retry_after(error, now) if kind.problem is ModelOverloaded else None
    if wait is None:
        return kind.problem(kind.detail, action=kind.action)
    problem = kind.problem(kind.detail, action=kind.action, retry_after_s=wait)
    problem.retry_after_s = wait
    return problem


def _kind(error: BaseException) -> Kind:
    named = next((KINDS[c.__name__] for c in type(error).__mro__ if c.__name__ in KINDS), _BROKEN)
    status = getattr(error, "status_code", None)
    if named is _BROKEN and isinstance(status, int) and status >= 500:
        named = _TROUBLED
    if named.problem is ModelOverloaded and _never_arrived(error):
        return _UNREACHABLE
    return next((_CODES[code] for code in _said(error, "code") if code in _CODES), named)


def _about_format(error: BaseException) -> bool:
    """Whether the server says that it does not know this `response_format`, in the field it has for that."""
    if "BadRequestError" not in _names(error) and "UnprocessableEntityError" not in _names(error):
        return False
    return any(param.split(".")[0] == "response_format" for param in _said(error, "param"))


def _said(error: BaseException, name: str) -> list[str]:
    """A field of the server's error body, where litellm keeps it."""
    body = getattr(error, "body", None)
    values = (getattr(error, name, None), body.get(name) if isinstance(body, dict) else None)
    return [value for value in values if isinstance(value, str)]


def _never_arrived(error: BaseException) -> bool:
    """litellm calls a refused connection an InternalServerError; what was raised first tells them apart."""
    return any(_names(earlier) & _TRANSPORT for earlier in _chain(error))


def _chain(error: BaseException) -> Iterator[BaseException]:
    current: BaseException | None = error
    for _ in range(MAX_CHAIN):
        if current is None:
            return
        yield current
        current = current.__cause__ or current.__context__


def _names(error: BaseException) -> set[str]:
    return {ancestor.__name__ for ancestor in type(error).__mro__}


def _retry_after(error: BaseException, now: datetime) -> float | None:
    """Seconds, from a header in seconds or as a date."""
    response = getattr(error, "response", None)
    for headers in (getattr(error, "litellm_response_headers", None), getattr(response, "headers", None)):
        value = headers.get("retry-after") if headers else None
        if value is not None:
            return _seconds(value, now)
    return None


def _seconds(value: str, now: datetime) -> float | None:
    if value.strip().replace(".", "", 1).isdigit():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - now).total_seconds())
