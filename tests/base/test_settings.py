"""Settings are read once, typed, frozen; secrets are made, kept and never shown."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path

import pytest
from pydantic import ValidationError

from base import schema
from base.errors import DatabaseUnreachable, SettingsError
from base.settings import Secrets, Settings, load_secrets, load_settings, provider_environment


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No `.env` of the checkout is read."""
    monkeypatch.chdir(tmp_path)


def test_everything_has_a_default() -> None:
    settings = load_settings()

    assert (settings.host, settings.port, settings.comfy_urls) == ("127.0.0.1", 8000, ())


def test_lists_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATIONTHIS_COMFY_URLS", "http://a:8188/, http://b:8188 ,")

    assert load_settings().comfy_urls == ("http://a:8188", "http://b:8188")


@pytest.mark.parametrize("name", ["PORT", "STATIONTHIS_PORT"])
def test_the_port_has_two_names(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "9001")

    assert load_settings().port == 9001


def test_a_setting_comes_from_the_dot_env_file_too() -> None:
    Path(".env").write_text("STATIONTHIS_MODEL=openai/some-model\n", encoding="utf-8")

    assert load_settings().model == "openai/some-model"


def test_nested_limits_can_be_set_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATIONTHIS_LIMITS__TEXT_CHARS", "10")
    limits = load_settings().limits

    assert (limits.text_chars, limits.confirm_credits) == (10, 20.0)


def test_settings_cannot_be_changed_afterwards() -> None:
    with pytest.raises(ValidationError):
        load_settings().port = 1  # type: ignore[misc]


def test_a_wrong_value_is_named_but_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATIONTHIS_MODEL_TIMEOUT_S", "hunter2")
    with pytest.raises(SettingsError) as raised:
        load_settings()

    assert "STATIONTHIS_MODEL_TIMEOUT_S" in str(raised.value)
    assert "hunter2" not in str(raised.value)


def test_a_redis_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATIONTHIS_REDIS_URL", "http://127.0.0.1")
    with pytest.raises(SettingsError, match="STATIONTHIS_REDIS_URL"):
        load_settings()


@pytest.mark.parametrize(
    ("given", "resolved"),
    [
        ("postgresql://u:p@h/d", "postgresql+asyncpg://u:p@h/d"),
        ("postgres://u:p@h/d", "postgresql+asyncpg://u:p@h/d"),
        ("sqlite+aiosqlite:///x.db", "sqlite+aiosqlite:///x.db"),
    ],
)
def test_a_database_url_gets_its_asynchronous_driver(given: str, resolved: str) -> None:
    assert Settings(database_url=given).resolved_database_url == resolved


def test_without_a_database_url_it_is_a_file_in_the_data_folder(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "d")

    assert settings.resolved_database_url == f"sqlite+aiosqlite:///{tmp_path}/d/stationthis.db"


def test_secrets_are_made_once_for_their_owner_only(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    first = load_secrets(settings)
    files = list((tmp_path / "secrets").iterdir())

    assert load_secrets(settings) == first
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700
    assert len({file.read_text() for file in files}) == len(files) == 3


async def test_processes_that_start_at_once_agree_on_the_secrets(tmp_path: Path) -> None:
    told = await asyncio.gather(*(asyncio.to_thread(load_secrets, Settings(data=tmp_path / str(n // 8))) for n in range(80)))

    assert all(told[n] == told[n - n % 8] for n in range(80))
    assert {file.name for file in (tmp_path / "0/secrets").iterdir()} == {"master.key", "cookie.key", "admin.key"}


def test_given_secrets_are_taken_and_not_written(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, admin_key="an-admin-key", master_key="ab" * 32)
    secrets = load_secrets(settings)

    assert (secrets.admin, secrets.master) == ("an-admin-key", b"\xab" * 32)
    assert [file.name for file in (tmp_path / "secrets").iterdir()] == ["cookie.key"]


@pytest.mark.parametrize("wrong", ["short", "zz" * 32, "ab" * 31])
def test_a_master_key_of_another_form_is_refused(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(SettingsError, match="STATIONTHIS_MASTER_KEY") as raised:
        load_secrets(Settings(data=tmp_path, master_key=wrong))

    assert wrong not in str(raised.value)


def test_nothing_secret_shows_in_a_repr() -> None:
    settings = Settings(model_key="sk-canary", admin_key="canary-admin", s3_secret_key="canary-s3")
    secrets = Secrets(master=b"canary-master", cookie=b"canary-cookie", admin="canary")

    assert "canary" not in repr(settings)
    assert "canary" not in repr(secrets)


def test_provider_keys_are_found_by_their_own_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    monkeypatch.setenv("UNRELATED", "x")

    assert provider_environment() == {"OPENAI_API_KEY": "k"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("STATIONTHIS_LOG_LEVEL", "LOUD"),
        ("STATIONTHIS_DATABASE_URL", "mysql://here/x"),
        ("STATIONTHIS_COMFY_URLS", "localhost:8188"),
        ("STATIONTHIS_LIMITS__TEXT_CHARS", "-5"),
        ("STATIONTHIS_MODEL_TIMEOUT_S", "0"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert name in refused.value.detail
    assert value not in refused.value.detail


def test_a_file_is_no_data_folder(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(SettingsError):
        load_settings(data=tmp_path / "data")


async def test_a_database_that_is_away_is_told_without_its_password() -> None:
    with pytest.raises(DatabaseUnreachable) as refused:
        await schema.is_current("postgresql+asyncpg://me:hush@127.0.0.1:1/none")
    assert "hush" not in str(refused.value)
