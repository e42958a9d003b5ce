"""The API against its own description: whatever the description allows or forbids, nothing breaks."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.examples import examples
from tests.patience import PATIENCE_S
from tests.web.conftest import Site

EXAMPLES = 5  # per operation and mode; ten times as many in the deep profile
CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance, status_code_conformance]


async def test_nothing_the_description_says_breaks_the_server(site: Site) -> None:
    async with site.client() as client:
        await client.post("/api/v1/conversations")
        cookie = {"Cookie": f"stationthis={client.cookies['stationthis']}"}
    await asyncio.to_thread(_fuzz, f"{site.url}/api/v1/openapi.json", cookie)


def _fuzz(url: str, headers: dict[str, str]) -> None:
    schema = schemathesis.openapi.from_url(url)
    for found in schema.get_all_operations():
        assert isinstance(found, Ok), found
        _try(found.ok(), GenerationMode.POSITIVE, headers)
        with suppress(Unsatisfiable):  # an operation without inputs has no wrong ones
            _try(found.ok(), GenerationMode.NEGATIVE, headers)


def _try(operation: Any, mode: GenerationMode, headers: dict[str, str]) -> None:
    @settings(examples(EXAMPLES), suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def check(case: Any) -> None:
        case.call_and_validate(headers=headers, checks=CHECKS, timeout=PATIENCE_S)

    check()
