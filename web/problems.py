"""Errors as RFC 9457 `application/problem+json`, whatever raised them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from base.errors import InvalidInput, NotFound, Problem, Reportable
from base.log import correlation_id
from web.errors import InvalidJson

MEDIA_TYPE = "application/problem+json"
_CODES = {404: NotFound.code, 405: "method_not_allowed", 415: "unsupported_media_type"}


def install(app: FastAPI) -> None:
    """Let the application answer every expected error as a problem."""
    for kind in (Reportable, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, _handle)


def problem_response(error: Reportable) -> Response:
    """The answer for what a person can be told. A `retry_after` among its facts (seconds) becomes the header."""
    headers = {"Cache-Control": "no-store"}
    if "retry_after" in error.facts:
        headers["Retry-After"] = str(error.facts["retry_after"])
    if error.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="stationthis"'
    return _answer(error.as_dict(correlation_id.get()), error.status, headers)


def response_for(error: Exception) -> Response:
    """The answer for any error that `install` handles."""
    if isinstance(error, Reportable):
        return problem_response(error)
    if isinstance(error, RequestValidationError):
        return problem_response(_validation(error.errors()))
    if isinstance(error, HTTPException) and error.status_code == 400:  # FastAPI's, for JSON that breaks the reader itself
        return problem_response(InvalidJson("The body of the request is no JSON that can be read, or is nested too deeply."))
    if isinstance(error, HTTPException):
        return _plain(error)
    raise error


async def _handle(request: Request, error: Exception) -> Response:
    return response_for(error)


def _validation(faults: Sequence[Any]) -> Problem:
    if any(fault["type"] == "json_invalid" for fault in faults):
        return InvalidJson()
    errors = [{**_place(fault), "detail": _plainly(fault)} for fault in faults]
    return InvalidInput("Some fields are missing or wrong.", errors=errors)


def _place(fault: Any) -> dict[str, str]:
    """`{pointer: "#/plan/steps/0"}` into the body, `{in: "query", name: "limit"}` for what comes otherwise. Checks of ours
    tell with `at` where within the value it is."""
    within = fault.get("ctx", {}).get("at", ())
    place, *path = (str(part).encode("utf-8", "replace").decode() for part in (*fault["loc"], *within))
    if place != "body":
        return {"in": place, "name": "/".join(path)}
    return {"pointer": "#/" + "/".join(part.replace("~", "~0").replace("/", "~1") for part in path)}


def _plainly(fault: Any) -> str:
    """Our own checks raise ValueErrors whose message may quote the input: those are told in words of ours."""
    return "This is not valid text." if fault["type"] == "value_error" else str(fault["msg"])


def _plain(error: HTTPException) -> Response:
    title = HTTPStatus(error.status_code).phrase
    body = {
        "type": "about:blank", "title": title, "status": error.status_code, "detail": f"{title}.",
        "code": _CODES.get(error.status_code, f"http_{error.status_code}"),
        "action": "Compare method and path with /api/v1/openapi.json.", "correlation_id": correlation_id.get(),
    }  # fmt: skip
    return _answer(body, error.status_code, error.headers or {})


def _answer(body: dict[str, Any], status: int, headers: Mapping[str, str]) -> Response:
    return JSONResponse(body, status, dict(headers), MEDIA_TYPE)
