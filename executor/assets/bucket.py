"""Objects in a bucket of S3, R2 or MinIO, through boto3 in threads. Every put carries a checksum that the storage verifies."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from base.settings import Bucket
from executor.assets.objects import Gone, Listed, Rule, Spoiled
from executor.assets.workshop import Stored
from executor.errors import BucketMissing, StorageAway

_BLOCK = 1 << 18
PART = 16 << 20
"""Bytes of one part; what is larger than one goes in parts."""
_MISSING = frozenset(("404", "NoSuchKey", "NotFound", "NoSuchUpload"))
_T = TypeVar("_T")


class BucketObjects:
    """Implements executor.assets.objects.Objects. boto3 is imported with the first one that is made."""

    def __init__(self, settings: Bucket) -> None:
        self._name, self._prefix = settings.name, settings.prefix
        self._client = _client(settings)

    async def put(self, key: str, stored: Stored, media_type: str) -> None:
        await self._do(self._put if stored.bytes <= PART else self._put_in_parts, key, stored, media_type)

    async def fetch(self, key: str, target: Path, sha256: str) -> None:
        if await self._do(self._fetch, key, target) != sha256:
            raise Spoiled

    async def read(self, key: str, start: int, end: int) -> AsyncIterator[bytes]:
        if start >= end:
            return
        answer = await self._do(
            self._client.get_object, Bucket=self._name, Key=self._key(key), Range=f"bytes={start}-{end - 1}"
        )
        body = answer["Body"]
        try:
            while block := await self._do(body.read, _BLOCK):
                yield block
        finally:
            body.close()

    async def size(self, key: str) -> int | None:
        try:
            answer = await self._do(self._client.head_object, Bucket=self._name, Key=self._key(key))
        except Gone:
            return None
        return int(answer["ContentLength"])

    async def delete(self, keys: Sequence[str]) -> None:
        for key in keys:  # one by one: deleting many at once needs a checksum that not every S3 takes
            await self._do(self._client.delete_object, Bucket=self._name, Key=self._key(key))

    async def listing(self, prefix: str = "") -> AsyncIterator[Listed]:
        more: dict[str, str] = {}
        while True:
            page = await self._do(
                self._client.list_objects_v2, Bucket=self._name, Prefix=self._key(prefix), **more
            )
            for one in page.get("Contents", ()):
                yield Listed(one["Key"].removeprefix(self._prefix), one["Size"], one["LastModified"])
            if not page.get("IsTruncated"):
                return
            more = {"ContinuationToken": page["NextContinuationToken"]}

    def local(self, key: str) -> Path | None:
        return None

    async def link(self, key: str, seconds: int, media_type: str, name: str | None) -> str | None:
        shown = {"ResponseContentType": media_type}
        if name is not None:
            shown["ResponseContentDisposition"] = f'attachment; filename="{name}"'
        params = {"Bucket": self._name, "Key": self._key(key), **shown}
        return str(
            await self._do(self._client.generate_presigned_url, "get_object", Params=params, ExpiresIn=seconds)
        )

    async def apply(self, rules: Sequence[Rule], now: datetime) -> None:
        ours = {rule.name for rule in rules}
        others = [rule for rule in await self._rules() if rule.get("ID") not in ours]
        wanted = {"Rules": [*others, *(_written(rule, self._prefix) for rule in rules)]}
        await self._do(
            self._client.put_bucket_lifecycle_configuration, Bucket=self._name, LifecycleConfiguration=wanted
        )

    async def check(self) -> None:
        await self._do(self._client.list_objects_v2, Bucket=self._name, Prefix=self._prefix, MaxKeys=1)

    async def kept(self) -> tuple[Rule, ...]:
        found = (_read(rule, self._prefix) for rule in await self._rules())
        return tuple(rule for rule in found if rule is not None)

    # --- within, in threads

    def _put(self, key: str, stored: Stored, media_type: str) -> None:
        with stored.path.open("rb") as file:
            self._client.put_object(
                Bucket=self._name, Key=self._key(key), Body=file, ContentType=media_type, ContentLength=stored.bytes,
                ContentMD5=_md5(file, stored.bytes), Metadata={"sha256": stored.sha256},
            )  # fmt: skip

    def _put_in_parts(self, key: str, stored: Stored, media_type: str) -> None:
        where = {"Bucket": self._name, "Key": self._key(key)}
        upload = self._client.create_multipart_upload(
            **where, ContentType=media_type, Metadata={"sha256": stored.sha256}
        )["UploadId"]
        try:
            with stored.path.open("rb") as file:
                parts = [self._part(file, where, upload, number, stored.bytes) for number in range(-(-stored.bytes // PART))]
            self._client.complete_multipart_upload(**where, UploadId=upload, MultipartUpload={"Parts": parts})
        except BaseException:
            with suppress(Exception):  # the rule for unfinished uploads takes what stays
                self._client.abort_multipart_upload(**where, UploadId=upload)
            raise

    def _part(self, file: BinaryIO, where: dict[str, str], upload: str, number: int, total: int) -> dict[str, Any]:
        file.seek(number * PART)
        data = file.read(min(PART, total - number * PART))
        answer = self._client.upload_part(
            **where, UploadId=upload, PartNumber=number + 1, Body=data, ContentLength=len(data),
            ContentMD5=base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode(),
        )  # fmt: skip
        return {"PartNumber": number + 1, "ETag": answer["ETag"]}

    def _fetch(self, key: str, target: Path) -> str:
        body, digest = self._client.get_object(Bucket=self._name, Key=self._key(key))["Body"], hashlib.sha256()
        with body, target.open("wb") as file:
            while block := body.read(_BLOCK):
                digest.update(block)
                file.write(block)
        return digest.hexdigest()

    async def _rules(self) -> list[dict[str, Any]]:
        try:
            answer = await self._do(self._client.get_bucket_lifecycle_configuration, Bucket=self._name)
        except Gone:
            return []
        return list(answer.get("Rules", ()))

    def _key(self, key: str) -> str:
        return self._prefix + key

    async def _do(self, call: Callable[..., _T], *args: Any, **named: Any) -> _T:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return await asyncio.to_thread(call, *args, **named)
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            if code == "NoSuchBucket":
                raise BucketMissing from None
            if code in _MISSING or code == "NoSuchLifecycleConfiguration":
                raise Gone from None
            raise StorageAway(f"The storage refused a request ({code if code.isalnum() else 'unknown'}).") from None
        except BotoCoreError as error:
            raise StorageAway(f"The storage does not answer ({type(error).__name__}).") from None


def _client(settings: Bucket) -> Any:
    import boto3
    from botocore.config import Config

    secret = settings.secret_key.get_secret_value() if settings.secret_key else None
    return boto3.session.Session().client(
        "s3", endpoint_url=settings.endpoint, region_name=settings.region, aws_access_key_id=settings.access_key,
        aws_secret_access_key=secret,
        config=Config(
            signature_version="s3v4", retries={"mode": "standard", "max_attempts": 4}, connect_timeout=5, read_timeout=60,
            s3={"addressing_style": "path" if settings.endpoint else "auto"},
            request_checksum_calculation="when_required", response_checksum_validation="when_required",
        ),
    )  # fmt: skip


def _md5(file: BinaryIO, length: int) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    while block := file.read(_BLOCK):
        digest.update(block)
    file.seek(0)
    return base64.b64encode(digest.digest()).decode()


def _written(rule: Rule, prefix: str) -> dict[str, Any]:
    written: dict[str, Any] = {"ID": rule.name, "Status": "Enabled", "Filter": {"Prefix": prefix + rule.prefix}}
    if rule.days is not None:
        written["Expiration"] = {"Days": rule.days}
    if rule.unfinished_days is not None:
        written["AbortIncompleteMultipartUpload"] = {"DaysAfterInitiation": rule.unfinished_days}
    return written


def _read(rule: dict[str, Any], prefix: str) -> Rule | None:
    if rule.get("Status") != "Enabled" or "ID" not in rule:
        return None
    where = rule.get("Filter", {}).get("Prefix", rule.get("Prefix", ""))
    return Rule(
        rule["ID"], where.removeprefix(prefix), rule.get("Expiration", {}).get("Days"),
        rule.get("AbortIncompleteMultipartUpload", {}).get("DaysAfterInitiation"),
    )  # fmt: skip
