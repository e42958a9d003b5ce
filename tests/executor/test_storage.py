"""Where bytes lie: one contract for the folder and the bucket, and clearing up that never takes what somebody needs."""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from typer.testing import CliRunner

from base.db import Database
from base.errors import DatabaseUnreachable, Problem
from base.http import client
from base.ids import new_id
from base.settings import Bucket
from base.testing import ManualClock
from executor.assets import bucket as bucket_module
from executor.assets.bucket import BucketObjects
from executor.assets.folder import FolderObjects
from executor.assets.links import Linker
from executor.assets.objects import (
    EPHEMERAL,
    RULES,
    Gone,
    Objects,
    Rule,
    Spoiled,
    digest_of,
    key_of,
    poster_of,
)
from executor.assets.vault import Vault
from executor.assets.workshop import Stored, Workshop
from executor.commands import app
from executor.errors import AssetNotFound, BucketMissing, LinkOver, StorageAway
from executor.model import Owner
from executor.testing import FaultyComfy, picture
from tests.examples import examples
from tests.executor.conftest import OWNER, Floor, create, resize
from tests.executor.test_media import upload
from tests.patience import PATIENCE_S
from tools.model import AssetRef

NAMES = iter(f"bucket-{number}" for number in range(10_000))


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """The URL of an S3 of this process."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def bucket_at(url: str, prefix: str = "st/") -> Bucket:
    return Bucket(next(NAMES), url, "us-east-1", "key", SecretStr("secret"), prefix)


async def made(where: Bucket) -> BucketObjects:
    objects = await asyncio.to_thread(BucketObjects, where)
    await asyncio.to_thread(objects._client.create_bucket, Bucket=where.name)
    return objects


@pytest.fixture(params=["folder", "bucket"])
async def objects(request: pytest.FixtureRequest, tmp_path: Path) -> Objects:
    if request.param == "folder":
        return FolderObjects(tmp_path / "assets")
    return await made(bucket_at(request.getfixturevalue("s3")))


@pytest.fixture
def workshop(tmp_path: Path, clock: ManualClock) -> Workshop:
    workshop = Workshop(tmp_path / "assets")
    workshop.prepare(clock.now(), alone=True)
    return workshop


def file(workshop: Workshop, data: bytes) -> Stored:
    path = workshop._tmp / new_id()
    path.write_bytes(data)
    return workshop.seal_off(path)


async def whole(objects: Objects, key: str, start: int = 0, end: int = 1 << 40) -> bytes:
    return b"".join([block async for block in objects.read(key, start, end)])


async def keys(objects: Objects, prefix: str = "") -> list[str]:
    return [one.key async for one in objects.listing(prefix)]


async def test_what_is_put_comes_back_whole_and_in_pieces(objects: Objects, workshop: Workshop, tmp_path: Path) -> None:
    data = bytes(n * 7919 % 251 for n in range(700_000))
    stored = file(workshop, data)
    await objects.put("ab/cd/one", stored, "video/mp4")
    assert await objects.size("ab/cd/one") == len(data)
    assert await whole(objects, "ab/cd/one", 0, len(data)) == data
    assert await whole(objects, "ab/cd/one", 100, 300_000) == data[100:300_000]
    assert await whole(objects, "ab/cd/one", 5, 5) == b""
    await objects.fetch("ab/cd/one", tmp_path / "copy", stored.sha256)
    assert (tmp_path / "copy").read_bytes() == data
    with pytest.raises(Spoiled):
        await objects.fetch("ab/cd/one", tmp_path / "copy", "0" * 64)


async def test_putting_twice_and_deleting_twice_change_nothing(objects: Objects, workshop: Workshop) -> None:
    for _ in range(2):
        await objects.put("ab/cd/one", file(workshop, b"same"), "text/plain")
    assert await keys(objects) == ["ab/cd/one"]
    for _ in range(2):
        await objects.delete(["ab/cd/one", "ab/cd/two"])
    assert await keys(objects) == []


async def test_what_is_not_there_is_gone(objects: Objects, tmp_path: Path) -> None:
    assert await objects.size("ab/cd/none") is None
    with pytest.raises(Gone):
        await whole(objects, "ab/cd/none", 0, 10)
    with pytest.raises(Gone):
        await objects.fetch("ab/cd/none", tmp_path / "copy", "0" * 64)


async def test_a_listing_is_complete_and_by_prefix(objects: Objects, workshop: Workshop) -> None:
    names = [f"{n % 7:02}/xx/{n:04}" for n in range(23)]
    for name in [*names, f"{EPHEMERAL}aa/bb/secret"]:
        await objects.put(name, file(workshop, name.encode()), "text/plain")
    assert await keys(objects) == sorted([*names, f"{EPHEMERAL}aa/bb/secret"])
    assert await keys(objects, EPHEMERAL) == [f"{EPHEMERAL}aa/bb/secret"]
    sizes = [one.bytes async for one in objects.listing("00/")]
    assert sizes == [len("00/xx/0000")] * 4


async def test_a_large_file_goes_in_parts(s3: str, workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    data = random.Random(3).randbytes(bucket_module.PART * 2 + 12_345)
    objects = await made(bucket_at(s3))
    stored = file(workshop, data)
    await objects.put("ab/cd/large", stored, "video/mp4")
    about = await asyncio.to_thread(objects._client.head_object, Bucket=objects._name, Key="st/ab/cd/large")
    assert about["ETag"].strip('"').endswith("-3")
    assert (about["Metadata"]["sha256"], about["ContentType"]) == (stored.sha256, "video/mp4")
    assert hashlib.sha256(await whole(objects, "ab/cd/large", 0, len(data))).hexdigest() == stored.sha256


async def test_parts_of_a_file_that_does_not_arrive_whole_are_not_left_behind(s3: str, workshop: Workshop) -> None:
    """The disk lost most of it: the store takes no such parts for a file, and keeps none of them."""
    objects = await made(bucket_at(s3))
    stored = replace(file(workshop, b"what is left"), bytes=bucket_module.PART * 2 + 1)
    with pytest.raises(Problem):
        await objects.put("ab/cd/large", stored, "video/mp4")
    left = await asyncio.to_thread(objects._client.list_multipart_uploads, Bucket=objects._name)
    assert "Uploads" not in left
    assert await keys(objects) == []


async def test_a_bucket_lends_a_link_that_needs_no_key(s3: str, workshop: Workshop) -> None:
    objects = await made(bucket_at(s3))
    await objects.put("ab/cd/one", file(workshop, b"for everybody"), "text/plain")
    url = await objects.link("ab/cd/one", 60, "text/plain", "A1.txt")
    assert url is not None
    async with client(url) as http:
        answer = await http.get(url)
    assert answer.content == b"for everybody"
    assert parse_qs(urlsplit(url).query)["X-Amz-Expires"] == ["60"]
    assert "secret" not in url


async def test_a_bucket_that_is_away_says_so_without_secrets(s3: str, workshop: Workshop) -> None:
    nowhere = Bucket("none", "http://127.0.0.1:9", "us-east-1", "key", SecretStr("very-secret"))
    for objects in (BucketObjects(nowhere), BucketObjects(bucket_at(s3))):
        with pytest.raises(StorageAway) as away:
            await objects.put("ab/cd/one", file(workshop, b"x"), "text/plain")
        assert "very-secret" not in str(away.value)


async def test_rules_are_kept_beside_others_and_can_be_seen(s3: str) -> None:
    objects = await made(bucket_at(s3))
    other = {"ID": "theirs", "Status": "Enabled", "Filter": {"Prefix": "logs/"}, "Expiration": {"Days": 9}}
    await asyncio.to_thread(
        objects._client.put_bucket_lifecycle_configuration, Bucket=objects._name, LifecycleConfiguration={"Rules": [other]}
    )
    for _ in range(2):
        await objects.apply(RULES, ManualClock().now())
    kept = await objects.kept()
    assert set(RULES) < set(kept)
    assert [rule for rule in kept if rule.name == "theirs"] == [Rule("theirs", "logs/", days=9)]
    written = await asyncio.to_thread(objects._client.get_bucket_lifecycle_configuration, Bucket=objects._name)
    assert {rule["Filter"]["Prefix"] for rule in written["Rules"]} == {"st/ephemeral-outputs/", "st/", "logs/"}


async def test_in_a_folder_what_is_ephemeral_goes_by_age(tmp_path: Path, workshop: Workshop, clock: ManualClock) -> None:
    objects = FolderObjects(tmp_path / "assets")
    for key in (f"{EPHEMERAL}aa/bb/one", "aa/bb/two"):
        await objects.put(key, file(workshop, b"x"), "text/plain")
    (age,) = [one.modified async for one in objects.listing(EPHEMERAL)]
    await objects.apply(RULES, age + timedelta(hours=23))
    assert len(await keys(objects)) == 2
    await objects.apply(RULES, age + timedelta(hours=25))
    assert await keys(objects) == ["aa/bb/two"]


@pytest.mark.parametrize("key", ["../secrets/master.key", "/etc/passwd", "ab/../../x"])
async def test_a_key_cannot_leave_the_folder(tmp_path: Path, workshop: Workshop, key: str) -> None:
    with pytest.raises(Gone):
        await FolderObjects(tmp_path / "assets").size(key)


def test_the_command_applies_the_rules_and_sees_them(s3: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    where = bucket_at(s3, "")
    asyncio.run(made(where))
    monkeypatch.chdir(tmp_path)
    for name, value in {
        "DATA": str(tmp_path), "S3_BUCKET": where.name, "S3_ENDPOINT": s3, "S3_ACCESS_KEY": "key", "S3_SECRET_KEY": "secret",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"STATIONTHIS_{name}", value)
    cli = CliRunner()
    before = cli.invoke(app, ["lifecycle", "--check"])
    assert (before.exit_code, json.loads(before.stdout)["missing"]) == (1, [rule.name for rule in RULES])
    assert cli.invoke(app, ["lifecycle"]).exit_code == 0
    assert cli.invoke(app, ["lifecycle", "--check"]).exit_code == 0


async def test_a_bucket_that_is_not_there_is_told_before_and_while_something_is_brought(s3: str, workshop: Workshop) -> None:
    objects = await asyncio.to_thread(BucketObjects, bucket_at(s3))
    with pytest.raises(BucketMissing) as refused:
        await objects.check()
    assert "create it" in refused.value.next_step
    with pytest.raises(BucketMissing):
        await objects.put("aa/bb/one", file(workshop, b"x"), "text/plain")
    await asyncio.to_thread(objects._client.create_bucket, Bucket=objects._name)
    await objects.check()


async def test_a_house_without_its_bucket_starts_and_its_log_says_what_to_do(
    floor: Floor, s3: str, capsys: pytest.CaptureFixture[str]
) -> None:
    settings: dict[str, Any] = {"s3_bucket": next(NAMES), "s3_endpoint": s3, "s3_access_key": "key", "s3_secret_key": "secret"}
    async with floor.open(work=False, **settings) as executor:
        with pytest.raises(BucketMissing):
            await upload(executor.assets, picture())
        with pytest.raises(BucketMissing):
            await executor.assets.check()
        async with asyncio.timeout(PATIENCE_S):
            said = ""
            while "storage_not_usable" not in said:
                await asyncio.sleep(0.02)
                said += "".join(capsys.readouterr())
    assert "must create it" in said


# --- links


def test_a_link_holds_until_it_runs_out_and_only_as_it_was_made(clock: ManualClock) -> None:
    linker = Linker(b"installation", "https://example.org")
    url = linker.link("asset-1", clock.now() + timedelta(seconds=60), download=True)
    query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    expires, signature = int(query["expires"]), query["signature"]
    assert linker.holds("asset-1", expires, 1, signature, clock.now())
    forged = [
        ("asset-2", expires, 1, signature), ("asset-1", expires + 1, 1, signature), ("asset-1", expires, 0, signature),
        ("asset-1", expires, 1, signature[:-1] + ("0" if signature[-1] != "0" else "1")), ("asset-1", expires, 1, ""),
        ("asset-1", expires, 1, "ü" * 64),
    ]  # fmt: skip
    assert not any(linker.holds(*one, clock.now()) for one in forged)
    assert not Linker(b"other", "").holds("asset-1", expires, 1, signature, clock.now())
    assert not linker.holds("asset-1", expires, 1, signature, clock.now() + timedelta(seconds=60))


async def test_a_link_of_a_folder_leads_to_the_asset_and_of_a_deleted_one_nowhere(floor: Floor) -> None:
    async with floor.open(work=False) as executor:
        asset = await upload(executor.assets, picture())
        url = await executor.assets.link(asset.id, OWNER.account_id, 10**9)
        query = parse_qs(urlsplit(url).query)
        key = (asset.id, int(query["expires"][0]), int(query["download"][0]), query["signature"][0])
        assert key[1] <= floor.clock.now().timestamp() + 7 * 86_400
        assert (await executor.assets.linked(*key)).id == asset.id
        with pytest.raises(AssetNotFound):
            await executor.assets.link(asset.id, "somebody else", 60)
        await executor.assets.delete(asset.id, OWNER.account_id)
        with pytest.raises(LinkOver):
            await executor.assets.linked(*key)


# --- a whole executor on a bucket


async def test_a_run_on_a_bucket_leaves_nothing_on_this_disk(floor: Floor, comfy: FaultyComfy, s3: str) -> None:
    where = bucket_at(s3)
    objects = await made(where)
    named: dict[str, Any] = {
        "s3_bucket": where.name, "s3_endpoint": s3, "s3_access_key": "key", "s3_secret_key": "secret", "s3_prefix": where.prefix,
    }  # fmt: skip
    async with floor.open(comfy.url, **named) as executor:
        brought = await upload(executor.assets, picture((900, 450)))
        run_id = await floor.start(executor, resize("s1", AssetRef(asset_id=brought.id)), create("s2"))
        assert (await floor.until(run_id))[-1].type == "run.completed"
        made_here = await executor.runs.assets(run_id)
        assert len(await keys(objects)) == 1 + len(made_here)
        assert executor.assets.local(brought) is None
        assert len(b"".join([block async for block in executor.assets.read(brought, 10, 20)])) == 10
        assert (await executor.assets.thumbnail(brought)).startswith(b"\xff\xd8")
        url = await executor.assets.link(brought.id, OWNER.account_id, 60)
        assert url.startswith(s3)
        for asset in (brought, *made_here):
            await executor.assets.delete(asset.id, OWNER.account_id)
    assert await keys(objects) == []
    assert [path for path in (floor.data / "assets").rglob("*") if path.is_file()] == []


async def test_incognito_lies_under_its_own_prefix_and_apart(floor: Floor) -> None:
    hidden = Owner(OWNER.account_id, "incognito", "conversation-2")
    async with floor.open(work=False) as executor:
        async with floor.db.write() as tx:
            await floor.keys.create(tx, hidden.scope, hidden.account_id, hidden.tier)

        async def chunks() -> AsyncIterator[bytes]:
            yield picture()

        plain = await upload(executor.assets, picture())
        secret = await executor.assets.upload(chunks(), owner=hidden, name=None, asset_id=new_id())
        assert secret.blob.startswith(EPHEMERAL)
        assert not plain.blob.startswith(EPHEMERAL)
        assert plain.blob.rpartition("/")[2] not in secret.blob
        url = await executor.assets.link(secret.id, hidden.account_id, 10**6)
        assert int(parse_qs(urlsplit(url).query)["expires"][0]) <= floor.clock.now().timestamp() + 3_600


# --- clearing up


class Shelf:
    """A vault whose bytes are in a folder, and assets that are only rows."""

    def __init__(self, db: Database, folder: Path, clock: ManualClock) -> None:
        self.db, self.clock, self.workshop = db, clock, Workshop(folder)
        self.workshop.prepare(clock.now(), alone=True)
        self.objects = FolderObjects(folder)
        self.vault = Vault(self.objects, db, clock)
        self.needed: dict[str, list[str]] = {}

    async def adopt(self, data: bytes, *, dies: bool = False) -> None:
        stored = file(self.workshop, data)
        async with self.vault.holding(OWNER, stored, "text/plain", None) as held:
            await asyncio.sleep(0)
            if dies:
                return
            async with self.db.write() as tx:
                await self.vault.settle(tx, held)
        self.needed.setdefault(held.key, []).append(data.decode())

    async def delete(self, choice: int) -> None:
        if not self.needed:
            return
        key = sorted(self.needed)[choice % len(self.needed)]
        self.needed[key].pop()
        if not self.needed[key]:
            del self.needed[key]
        async with self.db.write() as tx:
            await self.vault.give_up(tx, key)
        await self.vault.erase(key)

    async def check(self) -> None:
        for key, contents in self.needed.items():
            assert await whole(self.objects, key) == contents[0].encode()


ACTIONS = st.lists(
    st.tuples(st.sampled_from(["adopt", "adopt", "die", "delete", "sweep", "late sweep"]), st.integers(0, 3)),
    min_size=1, max_size=14,
)  # fmt: skip


@examples(40)
@given(rounds=st.lists(ACTIONS, min_size=1, max_size=3))
def test_nothing_that_is_needed_is_ever_swept(sqlite_template: Any, tmp_path_factory: Any, rounds: Any) -> None:
    """Adopting, dying half-way, deleting and sweeping, all at once, in any mixture: four contents, so that they meet."""

    async def play(url: str, folder: Path) -> None:
        clock = ManualClock()
        db = Database(url)
        shelf = Shelf(db, folder, clock)
        for actions in rounds:
            await asyncio.gather(*(act(shelf, name, choice) for name, choice in actions))
            await shelf.check()
            clock.advance(3_600)
        clock.advance(10 * 86_400)
        await shelf.vault.sweep(timedelta(0))
        await shelf.check()
        assert set(await keys(shelf.objects)) == set(shelf.needed)
        await db.close()

    async def act(shelf: Shelf, name: str, choice: int) -> None:
        if name in ("adopt", "die"):
            await shelf.adopt(f"content {choice}".encode(), dies=name == "die")
        elif name == "delete":
            await shelf.delete(choice)
        else:
            await shelf.vault.sweep(timedelta(hours=1 if name == "late sweep" else 24))

    with sqlite_template.copy() as url:
        asyncio.run(play(url, tmp_path_factory.mktemp("vault")))


async def test_equal_bytes_of_one_owner_are_stored_once(database: Database, tmp_path: Path, clock: ManualClock) -> None:
    shelf = Shelf(database, tmp_path, clock)
    for _ in range(3):
        await shelf.adopt(b"same")
    assert len(await keys(shelf.objects)) == 1
    for _ in range(3):
        assert len(await keys(shelf.objects)) == 1
        await shelf.delete(0)
    assert await keys(shelf.objects) == []


async def test_bytes_that_come_again_while_they_go_have_another_name(
    database: Database, tmp_path: Path, clock: ManualClock
) -> None:
    shelf = Shelf(database, tmp_path, clock)
    await shelf.adopt(b"same")
    (first,) = shelf.needed
    async with database.write() as tx:
        await shelf.vault.give_up(tx, first)  # and the process dies before it erases
    shelf.needed.clear()
    await shelf.adopt(b"same")
    (second,) = shelf.needed
    assert second != first
    found = await shelf.vault.sweep()
    assert (found.released, await keys(shelf.objects)) == (1, [second])
    await shelf.check()


async def test_a_sweep_leaves_what_is_on_its_way_and_takes_what_is_left_behind(
    database: Database, tmp_path: Path, clock: ManualClock
) -> None:
    shelf = Shelf(database, tmp_path, clock)
    async with shelf.vault.holding(OWNER, file(shelf.workshop, b"coming"), "text/plain", None) as held:
        await shelf.vault.sweep()
        assert await keys(shelf.objects) == [held.key]
        async with database.write() as tx:
            await shelf.vault.settle(tx, held)
    await shelf.objects.put("zz/zz/stranger", file(shelf.workshop, b"stranger"), "text/plain")
    await shelf.objects.put(poster_of(held.key), file(shelf.workshop, b"poster"), "image/png")
    assert (await shelf.vault.sweep()).strangers == 0  # it is young: its row may be about to come
    clock.advance(10 * 365 * 86_400)
    assert (await shelf.vault.sweep()).strangers == 1
    assert await keys(shelf.objects) == [held.key, poster_of(held.key)]
    await shelf.objects.delete([held.key])
    assert (await shelf.vault.sweep()).missing == 1
    await shelf.adopt(b"coming")  # brought once more, it is whole again
    assert (await shelf.vault.sweep()).missing == 0


async def test_bytes_whose_settling_was_not_answered_are_let_go_of_by_nobody(
    database: Database, tmp_path: Path, clock: ManualClock
) -> None:
    """They may be settled: letting go of them once more would let go of them for somebody else who holds them."""
    shelf = Shelf(database, tmp_path, clock)
    with pytest.raises(DatabaseUnreachable):
        async with shelf.vault.holding(OWNER, file(shelf.workshop, b"same"), "text/plain", None) as held:
            async with database.write() as tx:
                await shelf.vault.settle(tx, held)
            held.settled = False  # the answer was lost
            raise DatabaseUnreachable
    async with shelf.vault.holding(OWNER, file(shelf.workshop, b"same"), "text/plain", None) as again:
        assert again.key == held.key
        async with database.write() as tx:
            await shelf.vault.give_up(tx, held.key)
        async with database.write() as tx:
            await shelf.vault.settle(tx, again)


def test_keys_tell_nothing_of_owner_or_content() -> None:
    digests = {digest_of(account, tier, "a" * 64) for account in ("one", "two") for tier in ("standard", "incognito")}
    assert len(digests) == 4
    assert all("a" * 64 not in digest for digest in digests)
    assert key_of("incognito", "abcd" * 16, "g").startswith(f"{EPHEMERAL}ab/cd/")


async def test_uploads_at_once_of_one_file_share_it(floor: Floor) -> None:
    async with floor.open(work=False) as executor, AsyncExitStack():
        found = await asyncio.gather(*(upload(executor.assets, picture()) for _ in range(4)))
        assert len({asset.id for asset in found}) == 4
        assert len({asset.blob for asset in found}) == 1
