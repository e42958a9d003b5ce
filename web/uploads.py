"""Uploads: the multipart body is parsed as it arrives and flows on to storage; nothing is spooled in between."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import PurePosixPath

from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from executor.errors import TooLarge
from web.errors import InvalidUpload, UnsupportedBody
from web.state import studio_of

FIELD = "file"
MAX_HEAD = 64 * 1024  # bytes before the file begins
LINGER_S = 2.0  # for what a refused sender has on its way
_NAME_CHARS = 255


class FilePart:
    """The one file of a multipart body, as a stream.

    `await open()` reads as far as the file's name; then `chunks()` gives the bytes. `digest` is the SHA-256 over name and
    bytes, complete when the chunks are. Raises InvalidUpload for anything but exactly one part called `file`.
    """

    def __init__(self, request: Request) -> None:
        self.name: str | None = None
        self._body = request.stream()
        self._parser = MultipartParser(
            _boundary(request),
            {
                "on_header_field": self._on_header_field,
                "on_header_value": self._on_header_value,
                "on_header_end": self._on_header_end,
                "on_headers_finished": self._on_headers_finished,
                "on_part_data": self._on_part_data,
                "on_end": self._on_end,
            },
        )
        self._header = [b"", b""]
        self._disposition = b""
        self._data: list[bytes] = []
        self._parts = 0
        self._ended = False
        self._hash = hashlib.sha256()

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()

    async def open(self) -> None:
        """Read until the file begins."""
        read = 0
        async for chunk in self._body:
            self._feed(chunk)
            read += len(chunk)
            if self._parts:
                self._hash.update((self.name or "").encode() + b"\0")
                return
            if read > MAX_HEAD:
                raise InvalidUpload
        raise InvalidUpload("The upload has no file.")

    async def chunks(self) -> AsyncIterator[bytes]:
        """The file's bytes, in the pieces in which they arrive."""
        for data in self._taken():
            yield data
        async for chunk in self._body:
            self._feed(chunk)
            for data in self._taken():
                yield data
        if not self._ended:
            raise InvalidUpload("The upload ends in the middle of the file.")

    @property
    def whole(self) -> bool:
        """Whether all of the file was read."""
        return self._ended

    async def drain(self, seconds: float) -> None:
        """Read on without keeping anything, to the end or for so long."""
        with suppress(TimeoutError, ClientDisconnect):
            async with asyncio.timeout(seconds):
                async for _ in self._body:
                    pass

    def _taken(self) -> list[bytes]:
        taken, self._data = self._data, []
        for data in taken:
            self._hash.update(data)
        return taken

    def _feed(self, chunk: bytes) -> None:
        try:
            self._parser.write(chunk)
        except FormParserError:
            raise InvalidUpload from None

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._header[0] += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header[1] += data[start:end]

    def _on_header_end(self) -> None:
        if self._header[0].lower() == b"content-disposition":
            self._disposition = self._header[1]
        self._header = [b"", b""]

    def _on_headers_finished(self) -> None:
        _, options = parse_options_header(self._disposition.decode("latin-1"))
        if self._parts or options.get(b"name") != FIELD.encode():
            raise InvalidUpload
        self._parts += 1
        self.name = plain_name(options.get(b"filename", b"").decode("utf-8", "replace"))

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        self._data.append(bytes(data[start:end]))

    def _on_end(self) -> None:
        self._ended = True


class LastWord(Response):
    """A refusal in the middle of an upload. It is told at once, whole; then the connection is closed, after a moment in which
    what is still on its way is read and dropped: closing on unread data would take the answer back."""

    def __init__(self, refusal: Response, part: FilePart) -> None:
        super().__init__(refusal.body, refusal.status_code, {**refusal.headers, "Connection": "close"})
        self._part = part

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": True})
        await self._part.drain(LINGER_S)
        await send({"type": "http.response.body", "body": b""})


def check_length(request: Request) -> None:
    """Refuse by its header what is larger than any upload, before any of it is read. Raises TooLarge."""
    settings = studio_of(request).settings
    said = request.headers.get("content-length", "")
    limit = max(int(settings.max_upload_gb * 2**30), settings.limits.upload_bytes)
    if said.isdecimal() and int(said) > limit + MAX_HEAD:
        raise TooLarge(limit_bytes=limit, limit_pixels=settings.limits.upload_pixels)


async def digest(request: Request) -> str:
    """The digest of an upload that is kept nowhere, read as far as an upload can be long."""
    part, limit = FilePart(request), int(studio_of(request).settings.max_upload_gb * 2**30)
    await part.open()
    async for data in part.chunks():
        limit -= len(data)
        if limit < 0:
            break
    return part.digest


def plain_name(name: str) -> str | None:
    """The last part of whatever path was sent, without control characters; None when nothing is left."""
    last = PurePosixPath(name.replace("\\", "/")).name
    clean = "".join(char for char in last if char.isprintable())[:_NAME_CHARS].strip()
    return None if clean in ("", ".", "..") else clean


def _boundary(request: Request) -> bytes:
    kind, options = parse_options_header(request.headers.get("content-type"))
    if kind != b"multipart/form-data":
        raise UnsupportedBody
    if not options.get(b"boundary"):
        raise InvalidUpload("The upload's Content-Type names no boundary.")
    return options[b"boundary"]
