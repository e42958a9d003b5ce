"""The description of the API: what FastAPI derives, completed with what it cannot know."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from web import events
from web.shapes import ProblemShape

PATH = "/api/v1/openapi.json"
_REF = "#/components/schemas/{model}"
_DESCRIPTION = """Say what you want; the agent finds the tools, plans, runs and brings the pictures back.

Errors are RFC 9457 problems with a stable `code` and an `action` that says what to do next. Lists are
`{items, next}`. A POST with an `Idempotency-Key` may be repeated for 24 hours, and hears its first success again;
what was refused did nothing and takes no key: correct it and send it under the same one. The first write without
credentials makes an anonymous account in a cookie; programs send `Authorization: Bearer <token>`."""


def install(app: FastAPI) -> None:
    """Let the application describe itself completely."""

    def described() -> dict[str, Any]:
        if not app.openapi_schema:
            app.openapi_schema = describe(app)
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document. The program's version is left out, so that it changes only with the API."""
    document = get_openapi(
        title=app.title, version="1", description=_DESCRIPTION, routes=app.routes, tags=app.openapi_tags
    )
    schemas = document["components"]["schemas"]
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    schemas["Problem"] = ProblemShape.model_json_schema(mode="serialization")
    for name, schema in events.schemas(_REF).items():
        schemas.setdefault(name, schema)
    for path in document["paths"].values():
        for method, operation in path.items():
            _complete(operation, method)
    return document


def _complete(operation: dict[str, Any], method: str) -> None:
    """What FastAPI cannot know: a POST makes its own account, and every operation may meet a fault of ours."""
    if method == "post":
        operation["security"] = [*operation["security"], {}]
    operation["operationId"] = operation["operationId"].partition("_api_v1")[0]
    operation["responses"]["default"] = {
        "description": "Any other problem",
        "content": {"application/problem+json": {"schema": {"$ref": _REF.format(model="Problem")}}},
    }
