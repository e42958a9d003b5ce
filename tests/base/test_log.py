"""Logs are JSON, carry the correlation id and hold no secret, however it got in."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from base.log import configure, correlated, get_logger, redact


@pytest.fixture
def sink() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    stream = io.StringIO()
    configure("DEBUG", stream)
    yield stream
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


def lines(sink: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in sink.getvalue().splitlines()]


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("key sk-abcdef1234567890 refused", "abcdef1234567890"),
        ("key sk-proj-abc_DEF-1234567890", "abc_DEF-1234567890"),
        ("hf_abcdefghijklmnop", "abcdefghijklmnop"),
        ("ghp_abcdefghijklmnop and github_pat_11ABCDEFG", "abcdefghijklmnop"),
        ("runpod rpa_ABCDEFGHIJKL", "ABCDEFGHIJKL"),
        ("aws AKIAIOSFODNN7EXAMPLE", "IOSFODNN7EXAMPLE"),
        ("https://api.telegram.org/bot123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc/getMe", "AAEhBOweik6ad9r"),
        ("Authorization: Bearer eyJhbGciOi.J9", "eyJhbGciOi"),
        ("Basic dXNlcjpwYXNz", "dXNlcjpwYXNz"),
        ("postgresql://user:hunter22@db:5432/x", "hunter22"),
        ("redis://:hunter22@cache", "hunter22"),
        ("GET /v?X-Amz-Signature=deadbeef&x=1", "deadbeef"),
        ("wss://h/ws?clientId=1&access_token=deadbeef", "deadbeef"),
        ("https://h/p?api_key=deadbeef", "deadbeef"),
        ("open /home/alice/pictures", "alice"),
        ("open /Users/alice/pictures", "alice"),
        ("open C:\\Users\\alice\\pictures", "alice"),
        ("open /root/data/x", "/root"),
    ],
)
def test_no_secret_survives_in_a_text(text: str, secret: str, sink: io.StringIO) -> None:
    assert secret not in redact(text)

    get_logger("test").info("event", detail=text, deep={"a": [{"b": text}]}, several=(text,), odd=ValueError(text))
    logging.getLogger("some.library").warning("said %s", text)
    assert secret not in sink.getvalue()


@pytest.mark.parametrize("name", ["authorization", "cookie", "api_key", "token", "password", "client_secret", "key"])
def test_fields_with_secret_names_are_masked_whatever_they_hold(name: str, sink: io.StringIO) -> None:
    get_logger("test").info("event", **{name: "plain-words", "deep": {name: "plain-words"}})

    assert "plain-words" not in sink.getvalue()


def test_an_exception_is_redacted_too(sink: io.StringIO) -> None:
    try:
        raise ValueError("postgresql://user:hunter22@db/x")
    except ValueError:
        get_logger("test").exception("failed")

    assert "ValueError" in sink.getvalue()
    assert "hunter22" not in sink.getvalue()


@pytest.mark.parametrize(
    "text", ["task-1 is done", "a risk-free skate", "http://127.0.0.1:8188/view?filename=a.png", "token bucket"]
)
def test_ordinary_words_stay(text: str) -> None:
    assert redact(text) == text


def test_every_line_within_carries_the_correlation_id(sink: io.StringIO) -> None:
    with correlated("abc"):
        get_logger("ours").info("inside", job_id="1")
        logging.getLogger("theirs").warning("inside too")
    get_logger("ours").info("outside")

    assert [line.get("correlation_id") for line in lines(sink)] == ["abc", "abc", None]
    assert {"event", "level", "logger", "timestamp", "job_id"} <= set(lines(sink)[0])
