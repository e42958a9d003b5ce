"""Bytes of assets: whole, in ranges, once and for ever."""

from __future__ import annotations

import hashlib

import httpx
import pytest

from base.http import client
from tests.web.conftest import Site, problem
from tests.web.fakes import PNG

DATA = PNG + bytes(n * 7919 % 251 for n in range(150_000))


@pytest.fixture(params=["here", "afar"])
async def url(request: pytest.FixtureRequest, site: Site, person: httpx.AsyncClient) -> str:
    site.behind.assets.afar = request.param == "afar"
    made = await person.post("/api/v1/assets", files={"file": ("fox.png", DATA)})
    return f"/api/v1/assets/{made.json()['id']}/content"


async def test_the_bytes_come_with_their_type_and_may_be_kept_for_ever(
    person: httpx.AsyncClient, url: str
) -> None:
    answer = await person.get(url)
    assert answer.content == DATA
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert answer.headers["etag"] == f'"{hashlib.sha256(DATA).hexdigest()}"'
    assert "sandbox" in answer.headers["content-security-policy"]
    assert "content-disposition" not in answer.headers


async def test_head_tells_the_same_without_the_bytes(person: httpx.AsyncClient, url: str) -> None:
    answer = await person.head(url)
    assert answer.status_code == 200
    assert answer.headers["content-length"] == str(len(DATA))
    assert answer.content == b""


@pytest.mark.parametrize(
    ("wanted", "expected", "span"),
    [
        ("bytes=0-9", DATA[:10], f"bytes 0-9/{len(DATA)}"),
        ("bytes=100-", DATA[100:], f"bytes 100-{len(DATA) - 1}/{len(DATA)}"),
        ("bytes=-5", DATA[-5:], f"bytes {len(DATA) - 5}-{len(DATA) - 1}/{len(DATA)}"),
        ("bytes=70000-80000", DATA[70000:80001], f"bytes 70000-80000/{len(DATA)}"),
        (f"bytes=5-{10**9}", DATA[5:], f"bytes 5-{len(DATA) - 1}/{len(DATA)}"),
    ],
    ids=["first", "from", "last", "middle", "past the end"],
)
async def test_ranges_are_served(
    person: httpx.AsyncClient, url: str, wanted: str, expected: bytes, span: str
) -> None:
    answer = await person.get(url, headers={"Range": wanted})
    assert answer.status_code == 206
    assert answer.content == expected
    assert answer.headers["content-range"] == span


@pytest.mark.parametrize(
    "wanted", ["bytes=9-3", "bytes=", "bytes=x-y", "lines=0-3", "nonsense", "bytes=-", "bytes=1-2,9-3"]
)
async def test_a_range_that_makes_no_sense_is_ignored(
    person: httpx.AsyncClient, url: str, wanted: str
) -> None:
    answer = await person.get(url, headers={"Range": wanted})
    assert (answer.status_code, answer.content) == (200, DATA)


@pytest.mark.parametrize("wanted", [f"bytes={len(DATA)}-", "bytes=999999999-", "bytes=-0"])
async def test_a_range_beyond_the_end_is_told_so(person: httpx.AsyncClient, url: str, wanted: str) -> None:
    answer = await person.get(url, headers={"Range": wanted})
    problem(answer, 416, "range_not_satisfiable")
    assert answer.headers["content-range"] == f"bytes */{len(DATA)}"


async def test_who_has_it_already_is_sent_nothing(person: httpx.AsyncClient, url: str) -> None:
    etag = (await person.head(url)).headers["etag"]
    for known in (etag, f'"other", W/{etag}', "*"):
        answer = await person.get(url, headers={"If-None-Match": known})
        assert (answer.status_code, answer.content) == (304, b"")
    assert (await person.get(url, headers={"If-None-Match": '"other"'})).status_code == 200


async def test_a_range_of_another_version_is_the_whole_file(person: httpx.AsyncClient, url: str) -> None:
    answer = await person.get(url, headers={"Range": "bytes=0-9", "If-Range": '"older"'})
    assert (answer.status_code, len(answer.content)) == (200, len(DATA))


async def test_a_download_has_a_sensible_name(person: httpx.AsyncClient, url: str) -> None:
    answer = await person.get(url, params={"download": "1"})
    asset_id = url.split("/")[-2]
    assert answer.headers["content-disposition"] == f'attachment; filename="stationthis-{asset_id[-8:]}.png"'


async def test_a_download_of_a_conversation_is_named_by_its_handle(
    person: httpx.AsyncClient, url: str
) -> None:
    asset_id = url.split("/")[-2]
    conversation = (await person.post("/api/v1/conversations")).json()["id"]
    message = {"text": "this fox", "attachments": [asset_id]}
    assert (
        await person.post(f"/api/v1/conversations/{conversation}/messages", json=message)
    ).status_code == 202
    shown = (await person.get(f"/api/v1/assets/{asset_id}")).json()
    assert shown["handles"] == [{"conversation_id": conversation, "handle": "A1"}]
    answer = await person.get(url, params={"download": "1"})
    assert answer.headers["content-disposition"] == 'attachment; filename="stationthis-A1.png"'


async def test_lost_bytes_are_not_found(site: Site, person: httpx.AsyncClient, url: str) -> None:
    (site.behind.assets.folder / url.split("/")[-2]).unlink()
    problem(await person.get(url), 404, "asset_not_found")


async def test_the_page_s_files_are_cached_by_their_names(site: Site, person: httpx.AsyncClient) -> None:
    assert (await person.get("/agent")).headers["cache-control"] == "no-cache"
    hashed = await person.get("/static/assets/index-1a2b.js")
    assert hashed.headers["cache-control"] == "public, max-age=31536000, immutable"
    policy = hashed.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


async def test_a_page_that_is_not_built_says_how_to_build_it(site: Site, static: object) -> None:
    (static / "index.html").unlink()  # type: ignore[operator]
    async with site.client() as client:
        answer = await client.get("/agent")
    assert answer.status_code == 503
    assert "make run" in answer.text


async def test_a_signed_link_needs_no_account_and_cannot_be_changed(site: Site, person: httpx.AsyncClient, url: str) -> None:
    asset = url.removesuffix("/content")
    link = (await person.get(f"{asset}/link", params={"seconds": 60})).json()["url"]
    async with client(site.url) as nobody:
        answer = await nobody.get(link)
        assert (answer.content, answer.headers["cache-control"]) == (DATA, "private, no-store")
        assert (await nobody.get(link, headers={"Range": "bytes=0-3"})).content == DATA[:4]
        head = await nobody.head(link)
        assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(len(DATA)))
        problem(await nobody.get(link.replace("download=0", "download=1")), 410, "link_over")
        problem(await nobody.get(link[:-1] + ("0" if link[-1] != "0" else "1")), 410, "link_over")
        stranger = link.replace(asset.rpartition("/")[2], "0193f000-0000-7000-8000-0000000000ff")
        told = [await nobody.get(url) for url in (link.partition("?")[0], link.partition("&signature")[0], stranger)]
        assert len({problem(each, 410, "link_over")["detail"] for each in told}) == 1
        problem(await nobody.get(f"{asset}/link"), 401, "no_account")
