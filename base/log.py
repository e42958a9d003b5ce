"""JSON logs on stderr, with correlation ids and without secrets.

House rule: a log call names the event and carries ids, states, counts and durations. It never carries words of a
person. Redaction is the second wall, for what slips in through other people's libraries.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, TextIO

import structlog

correlation_id: ContextVar[str | None] = ContextVar("correlation_id", default=None)

_MASK = "[redacted]"
_NOISY = (
    "httpx",
    "httpcore",
    "websockets",
    "sentence_transformers",
    "LiteLLM",
    "uvicorn.access",
    "aiosqlite",
    "alembic")
_SECRET_KEY = re.compile(
    r"authorization|cookie|token|secret|password|passwd|api_?key|admin_?key|\bkey$", re.I
)
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\b(sk-|hf_|ghp_|gho_|github_pat_|rpa_|r8_|xox[bap]-|AKIA)[A-Za-z0-9_\-]{6,}"), _MASK),
    (re.compile(r"(?<!\d)\d{8,10}:[A-Za-z0-9_\-]{30,}"), _MASK),  # Telegram bot tokens
    (re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=\-]{6,}"), rf"\1 {_MASK}"),
    (re.compile(r"(?i)([a-z][a-z0-9+.\-]*://)[^/\s:@]*:[^/\s@]+@"), rf"\1{_MASK}@"),
    (
        re.compile(r"(?i)([?&;](?:[a-z0-9_\-]*(?:token|secret|password|signature|sig|key|auth))=)[^&\s\"']+"),
        rf"\1{_MASK}",
    ),
    (re.compile(r"(/home/|/Users/|C:\\\\?Users\\\\?)[^/\\\s\"':]+"), r"\1[user]"),
    (re.compile(r"/root(?=/|\b)"), "/[home]"),
)


def redact(text: str) -> str:
    """`text` without keys, tokens, passwords in URLs and the names in home paths."""
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def get_logger(name: str) -> Any:
    """A logger whose calls read `log.info("job_claimed", job_id=...)`."""
    return structlog.get_logger(name)


@contextmanager
def correlated(value: str) -> Iterator[None]:
    """Within, every log line carries this correlation id."""
    token = correlation_id.set(value)
    try:
        yield
    finally:
        correlation_id.reset(token)


def configure(level: str = "INFO", stream: TextIO | None = None) -> None:
    """Send structlog and the standard library's loggers through one chain. Called once by an entry point."""
    chain: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_correlation_id,
    ]
    structlog.configure(
        processors=[*chain, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=chain,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            redact_processor,
            structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
        ],
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(formatter)
    handler.setLevel(level)  # a library may lower the level of its own logger when it is imported
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for noisy in _NOISY:
        logging.getLogger(noisy).setLevel(logging.WARNING)


def where(error: BaseException) -> str:
    """File and line of the innermost frame: enough to find it, and none of anybody's words."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    return "unknown" if frame is None else f"{Path(frame.tb_frame.f_code.co_filename).name}:{frame.tb_lineno}"


def redact_processor(
    _logger: Any, _method: str, fields: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """The last step of the chain: mask by name of the field, then by look of the value, however deep."""
    return {key: _MASK if _SECRET_KEY.search(key) else _redacted(value) for key, value in fields.items()}


def _redacted(value: Any) -> Any:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, dict):
        return redact_processor(None, "", value)
    if isinstance(value, list | tuple | set):
        return [_redacted(item) for item in value]
    if isinstance(value, int | float | bool) or value is None:
        return value
    return redact(str(value))


def _add_correlation_id(
    _logger: Any, _method: str, fields: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    if (value := correlation_id.get()) is not None:
        fields.setdefault("correlation_id", value)
    return fields
