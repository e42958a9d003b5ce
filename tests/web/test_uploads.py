"""Uploads flow through: nothing spooled, one file, a plain name, a readable refusal."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from tests.patience import PATIENCE_S
from tests.web.conftest import UPLOAD_LIMIT, Site, problem
from tests.web.fakes import PNG
from web.uploads import plain_name

URL = "/api/v1/assets"
FORM = {"Content-Type": "multipart/form-data; boundary=cut"}


async def test_an_upload_becomes_an_asset(site: Site, person: httpx.AsyncClient) -> None:
    answer = await person.post(URL, files={"file": ("fox.png", PNG + b"pixels", "image/png")})
    asset = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"] == f"{URL}/{asset['id']}"
    assert (asset["origin"], asset["bytes"], asset["handles"]) == ("upload", len(PNG) + 6, [])
    assert (await person.get(f"{URL}/{asset['id']}")).json() == asset
    assert [item["id"] for item in (await person.get(URL, params={"origin": "upload"})).json()["items"]] == [
        asset["id"]
    ]
    assert (await person.get(URL, params={"origin": "output"})).json()["items"] == []
    assert (await person.delete(f"{URL}/{asset['id']}")).status_code == 204
    problem(await person.get(f"{URL}/{asset['id']}"), 404, "asset_not_found")


async def test_a_small_picture_of_it_may_be_kept_for_ever(person: httpx.AsyncClient) -> None:
    asset = (await person.post(URL, files={"file": ("fox.png", PNG + b"pixels", "image/png")})).json()
    small = await person.get(f"{URL}/{asset['id']}/thumbnail")
    assert (small.status_code, small.headers["content-type"]) == (200, "image/png")
    assert "immutable" in small.headers["cache-control"]
    known = {"If-None-Match": small.headers["etag"]}
    assert (await person.get(f"{URL}/{asset['id']}/thumbnail", headers=known)).status_code == 304
    problem(await person.get(f"{URL}/00000000-0000-7000-8000-000000000000/thumbnail"), 404, "asset_not_found")


async def test_a_file_at_the_limit_is_taken_and_one_byte_more_is_not(person: httpx.AsyncClient) -> None:
    at = PNG + b"x" * (UPLOAD_LIMIT - len(PNG))
    assert (await person.post(URL, files={"file": ("a.png", at)})).status_code == 201
    problem(await person.post(URL, files={"file": ("a.png", at + b"x")}), 413, "too_large")


async def test_far_above_the_limit_the_answer_still_arrives(person: httpx.AsyncClient) -> None:
    problem(
        await person.post(URL, files={"file": ("a.png", PNG + b"x" * 3 * UPLOAD_LIMIT)}), 413, "too_large"
    )
    problem(
        await person.post(URL, files={"wrong": ("a.png", PNG + b"x" * 2 * UPLOAD_LIMIT)}),
        422,
        "invalid_upload",
    )


async def test_an_upload_without_a_length_is_counted_as_it_comes(
    site: Site, person: httpx.AsyncClient
) -> None:
    async def body() -> AsyncIterator[bytes]:
        yield b'--cut\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n' + PNG
        for _ in range(300):
            yield b"x" * 10_000

    problem(await person.post(URL, content=body(), headers=FORM), 413, "too_large")
    assert site.behind.assets.largest_chunk < 500_000  # what a socket is read by, however much is waiting


async def test_what_is_far_too_long_is_refused_by_its_header(site: Site, person: httpx.AsyncClient) -> None:
    answer, seconds = await _raw(site, person, f"Content-Length: {4_000_000_000}\r\n", b"")
    assert b" 413 " in answer.partition(b"\r\n")[0]
    assert b'"too_large"' in answer
    assert seconds < PATIENCE_S


async def test_a_body_without_a_length_is_cut_when_it_passes_the_limit(site: Site, person: httpx.AsyncClient) -> None:
    """The sender never ends, and hears it all the same."""
    head = b'--cut\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n' + PNG
    data = head + b"x" * (UPLOAD_LIMIT + 1)
    body = f"{len(data):x}\r\n".encode() + data + b"\r\n"
    answer, _ = await _raw(site, person, "Transfer-Encoding: chunked\r\n", body)
    assert b" 413 " in answer.partition(b"\r\n")[0]
    assert b"connection: close" in answer.lower()


async def _raw(site: Site, person: httpx.AsyncClient, length: str, body: bytes) -> tuple[bytes, float]:
    """What the server says to an upload that stops after `body` and stays open, up to where it closes; and when it does."""
    url, began = httpx.URL(site.url), time.monotonic()
    reader, writer = await asyncio.open_connection(url.host, url.port)
    cookie = "; ".join(f"{name}={value}" for name, value in person.cookies.items())
    head = f"POST {URL} HTTP/1.1\r\nHost: {url.host}:{url.port}\r\nCookie: {cookie}\r\n"
    writer.write(f"{head}Content-Type: {FORM['Content-Type']}\r\n{length}\r\n".encode() + body)
    await writer.drain()
    answer = await asyncio.wait_for(reader.read(), PATIENCE_S)
    writer.close()
    return answer, time.monotonic() - began


async def test_a_text_file_called_png_is_no_picture(person: httpx.AsyncClient) -> None:
    problem(
        await person.post(URL, files={"file": ("a.png", b"just words", "image/png")}), 422, "not_an_image"
    )


@pytest.mark.parametrize("files", [
    {"picture": ("a.png", PNG)}, [("file", ("a.png", PNG)), ("file", ("b.png", PNG))],
    [("file", ("a.png", PNG)), ("more", (None, b"x"))], [("note", (None, b"x")), ("file", ("a.png", PNG))],
])  # fmt: skip
async def test_an_upload_is_one_part_called_file(
    site: Site, person: httpx.AsyncClient, files: object
) -> None:
    problem(await person.post(URL, files=files), 422, "invalid_upload")  # type: ignore[arg-type]
    assert site.behind.assets.stored == {}


@pytest.mark.parametrize("body", [
    b"", b"nonsense", b"--cut--\r\n", b"--cut\r\n", b"--cut\r\nContent-Disposition: form-data\r\n\r\nx\r\n--cut--\r\n",
    b'--cut\r\nContent-Disposition: form-data; name="file"\r\n\r\n' + PNG,
    b"--cut\r\n" + b"X: y\r\n" * 100_000,
])  # fmt: skip
async def test_a_broken_multipart_body_is_told_so(site: Site, person: httpx.AsyncClient, body: bytes) -> None:
    problem(await person.post(URL, content=body, headers=FORM), 422, "invalid_upload")
    assert site.behind.assets.stored == {}


@pytest.mark.parametrize("kind", ["application/json", "image/png", "multipart/mixed; boundary=cut", ""])
async def test_other_bodies_are_not_taken(person: httpx.AsyncClient, kind: str) -> None:
    problem(
        await person.post(URL, content=b"{}", headers={"Content-Type": kind}), 415, "unsupported_media_type"
    )
    answer = await person.post(URL, content=b"{}", headers={"Content-Type": "multipart/form-data"})
    problem(answer, 422, "invalid_upload")


@pytest.mark.parametrize(("sent", "kept"), [
    ("fox.png", "fox.png"), ("../../etc/passwd", "passwd"), ("..\\..\\boot.ini", "boot.ini"), ("/etc/passwd", "passwd"),
    ("..", None), (".", None), ("", None), ("///", None), ("a\x00b\n.png", "ab.png"), ("füchse 🦊.png", "füchse 🦊.png"),
    ("x" * 400, "x" * 255),
])  # fmt: skip
def test_only_the_last_part_of_a_name_is_kept(sent: str, kept: str | None) -> None:
    assert plain_name(sent) == kept


async def test_a_name_never_leads_out_of_the_folder(
    site: Site, person: httpx.AsyncClient, tmp_path: Path
) -> None:
    before = _files(tmp_path.parent)
    answer = await person.post(URL, files={"file": ("../../../escaped.png", PNG)})
    assert site.behind.assets.stored[answer.json()["id"]].name == "escaped.png"
    assert not [path for path in _files(tmp_path.parent) - before if "escaped" in path.name]


async def test_a_sender_who_leaves_half_way_leaves_nothing(site: Site, person: httpx.AsyncClient) -> None:
    async def body() -> AsyncIterator[bytes]:
        yield b'--cut\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n' + PNG
        raise ConnectionError("the sender's network is gone")

    with pytest.raises(ConnectionError):
        await person.post(URL, content=body(), headers={**FORM, "Idempotency-Key": "left"})
    assert site.behind.assets.stored == {}
    answer = await person.post(URL, files={"file": ("a.png", PNG)}, headers={"Idempotency-Key": "left"})
    assert answer.status_code == 201


def _files(folder: Path) -> set[Path]:
    def walk() -> Iterator[Path]:
        yield from folder.rglob("*")

    return set(walk())
