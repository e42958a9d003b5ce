"""Bytes that are not those that were stored: told as such, never passed on whole, replaced when they come again."""

from __future__ import annotations

import pytest

from executor.assets.objects import Spoiled
from executor.testing import FaultyComfy, picture
from tests.executor.conftest import Floor, resize
from tests.executor.test_media import upload
from tools.model import AssetRef


async def test_spoiled_bytes_are_told_and_mended_by_who_brings_them_again(floor: Floor, comfy: FaultyComfy) -> None:
    async with floor.open(comfy.url) as executor:
        asset = await upload(executor.assets, picture())
        path = executor.assets.path(asset)
        good = path.read_bytes()
        path.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))  # as long as before
        given = b""
        with pytest.raises(Spoiled):
            async for block in executor.assets.read(asset):
                given += block
        assert given != path.read_bytes()
        assert b"".join([block async for block in executor.assets.read(asset, 0, 5)]) == good[:5]  # a range is not checked
        end = (await floor.until(await floor.start(executor, resize("s1", AssetRef(asset_id=asset.id)))))[-1]
        assert (end.data["code"], comfy.prompts) == ("bytes_spoiled", [])
        again = await upload(executor.assets, picture())
        assert (again.blob, path.read_bytes()) == (asset.blob, good)
        end = (await floor.until(await floor.start(executor, resize("s1", AssetRef(asset_id=asset.id)))))[-1]
        assert end.type == "run.completed"
