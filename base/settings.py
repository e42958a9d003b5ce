"""All settings, read once from the environment and `.env`, frozen. Nothing else in the house reads the environment."""

from __future__ import annotations

import os
import secrets as random_secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from base.errors import SettingsError
from base.files import write_once


class Limits(BaseModel):
    """What one person may send at once."""

    model_config = ConfigDict(frozen=True)

    text_chars: int = Field(8_000, gt=0)
    """Characters of one message."""
    upload_bytes: int = Field(50 * 1024 * 1024, gt=0)
    """Bytes of one image."""
    text_bytes: int = Field(1024 * 1024, gt=0)
    """Bytes of one text file."""
    upload_pixels: int = Field(100_000_000, gt=0)
    """Pixels of one image, after decoding."""
    decode_seconds: float = Field(30.0, gt=0)
    """How long the decoding child process may take."""
    decode_bytes: int = Field(2 * 1024 * 1024 * 1024, gt=0)
    """Address space of the decoding child process."""
    non_commercial: Literal["allow", "refuse"] = "allow"
    """Whether models are used whose pictures may not be sold; refused, tools that need one are not offered."""
    confirm_credits: float = Field(20.0, ge=0)
    """Runs that may cost more wait for a yes."""
    confirm_seconds: float = Field(300.0, ge=0)
    """Runs that may take longer wait for a yes, unless they are free."""
    running_jobs: int = Field(8, gt=0)
    """Jobs of one person that are on instances at the same time; more of them wait their turn."""
    queued_jobs: int = Field(100, gt=0)
    """Jobs of one person that may wait; more are refused."""
    address_jobs: int = Field(300, gt=0)
    """Jobs of all accounts that were made from one network address that may wait; more are refused."""
    new_accounts: int = Field(30, gt=0)
    """Accounts that are made for one network address within an hour; more are refused."""
    line_seconds_low: float = Field(1_800.0, gt=0)
    """When a person's new job would start later, their runs of low priority are refused."""
    line_seconds: float = Field(7_200.0, gt=0)
    """When it would start later than this too, all are, but for an operator's."""
    free_bytes: int = Field(512 * 1024 * 1024, ge=0)
    """With fewer free bytes where the data folder lies, a worker takes no job; with twice as many it takes some again."""
    job_seconds: float = Field(1_800.0, gt=0)
    """How long a job may wait for an instance that is away before it fails."""
    alert_queue: int = Field(500, ge=0)
    """Above so many waiting jobs an operator is told."""
    alert_wait_seconds: float = Field(900.0, gt=0)
    """When a job has waited longer, an operator is told."""
    alert_away_seconds: float = Field(300.0, gt=0)
    """When a ComfyUI has been away for longer, an operator is told."""
    lease_seconds: float = Field(90.0, ge=3)
    """After how long without a heartbeat a worker's jobs and a server's turns are taken over by others."""
    retry_seconds: tuple[float, ...] = (0.0, 30.0, 120.0)
    """Pauses before the second, third ... attempt at a job whose render server failed; after the last it is given up."""
    run_days: int = Field(30, ge=1)
    """How many days after its end a run is kept that no turn names and of which nothing is left that it made."""
    model_turn_tokens: int = Field(60_000, gt=0)
    """Tokens that one message may spend on the language model, corrections and fallbacks included."""
    model_turn_dollars: float = Field(0.5, gt=0)
    """The same in money, as far as prices are known."""
    model_conversation_tokens: int = Field(1_000_000, gt=0)
    """Tokens that one conversation may spend."""
    model_conversation_dollars: float = Field(5.0, gt=0)
    """The same in money, as far as prices are known."""


class Settings(BaseSettings):
    """One frozen tree. A name in capitals with the prefix `STATIONTHIS_` sets a field; the exceptions name themselves."""

    model_config = SettingsConfigDict(
        env_prefix="STATIONTHIS_",
        env_nested_delimiter="__",
        env_file=".env",
        env_file_encoding="utf-8",
        frozen=True,
        extra="ignore",
        env_ignore_empty=True,
    )

    data: Path = Path("data")
    """The data folder; nothing is written outside it."""
    host: str = Field("127.0.0.1", validation_alias=AliasChoices("HOST", "STATIONTHIS_HOST"))
    """Where `serve` listens."""
    port: int = Field(8000, ge=0, le=65535, validation_alias=AliasChoices("PORT", "STATIONTHIS_PORT"))
    """The port of `serve`."""
    url: str = "http://127.0.0.1:8000"
    """Where `stationthis chat` finds the server, and the public address in links."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """DEBUG, INFO, WARNING or ERROR."""

    database_url: str | None = None
    """PostgreSQL; SQLite in the data folder when left out."""
    redis_url: str | None = None
    """Redis, which carries rings, progress and previews between processes; within one process when left out."""
    qdrant_url: str | None = None
    """A Qdrant server for the tool index; in memory when left out."""

    model: str | None = None
    """A litellm model name, such as openai/gpt-4o-mini; the embedded planner when left out."""
    model_url: str | None = None
    """An OpenAI-compatible base URL for the model."""
    model_key: SecretStr | None = None
    """The model's key; the provider's own variable when left out."""
    model_fallbacks: Annotated[tuple[str, ...], NoDecode] = ()
    """Further model names, tried in order, separated by commas."""
    model_timeout_s: float = Field(60.0, gt=0)
    """How long the model may be silent."""

    comfy_urls: Annotated[tuple[str, ...], NoDecode] = ()
    """ComfyUI servers of the static pool, separated by commas."""

    allowed_nodes: Annotated[tuple[str, ...], NoDecode] = ()
    """Node classes that people's workflows may have besides ComfyUI's own, separated by commas."""

    download_tokens: SecretStr | None = None
    """Tokens for gated model files: host=token, separated by commas; each is sent to its host only."""

    s3_bucket: str | None = None
    """Name of an S3, R2 or MinIO bucket for media; the data folder when left out."""
    s3_endpoint: str | None = None
    """URL of an S3 that is not Amazon's."""
    s3_region: str = "us-east-1"
    """Region of the bucket; `auto` for R2."""
    s3_access_key: str | None = None
    """Access key id; the machine's own role when left out."""
    s3_secret_key: SecretStr | None = None
    """Secret access key."""
    s3_prefix: str = ""
    """Begins every key, where others use the bucket too."""

    admin_key: SecretStr | None = None
    """Bearer key of the admin API and of /metrics from afar; made and kept in the data folder when left out."""
    alert_webhook: SecretStr | None = None
    """URL that hears of what an operator should look at: a chat's incoming webhook, or a program."""
    alert_secret: SecretStr | None = None
    """Signs those calls, so that a program can tell them from others'."""
    master_key: SecretStr | None = None
    """64 hexadecimal digits that wrap all data keys; made and kept in the data folder when left out."""
    max_upload_gb: float = Field(2.0, gt=0)
    """2**30 bytes of one video, sound or 3D model."""
    cors_origins: Annotated[tuple[str, ...], NoDecode] = ()
    """Web origins that may call the API; none when left out."""
    limits: Limits = Limits()
    """See Limits; `STATIONTHIS_LIMITS__TEXT_CHARS` and so on."""

    @field_validator("model_fallbacks", "comfy_urls", "cors_origins", "allowed_nodes", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(part.strip().rstrip("/") for part in value.split(",") if part.strip())

    @field_validator("download_tokens")
    @classmethod
    def _are_tokens(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not all("=" in part for part in value.get_secret_value().split(",")):
            raise ValueError("a token is written host=token")
        return value

    @field_validator("alert_webhook")
    @classmethod
    def _is_webhook(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().startswith(("http://", "https://")):
            raise ValueError("a webhook is named by its URL")
        return value

    @field_validator("comfy_urls")
    @classmethod
    def _are_urls(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if any(not url.startswith(("http://", "https://")) for url in value):
            raise ValueError("a ComfyUI is named by its URL")
        return value

    @field_validator("redis_url")
    @classmethod
    def _is_redis(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("a Redis is named by its URL")
        return value

    @field_validator("database_url")
    @classmethod
    def _is_known(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(
            ("postgresql://", "postgres://", "postgresql+asyncpg://", "sqlite+aiosqlite://")
        ):
            raise ValueError("only PostgreSQL and SQLite are known")
        return value

    def tokens_by_host(self) -> dict[str, str]:
        """The download tokens, host -> token."""
        told = self.download_tokens.get_secret_value() if self.download_tokens else ""
        pairs = (part.partition("=") for part in told.split(",") if part.strip())
        return {host.strip().lower(): token.strip() for host, _, token in pairs}

    @property
    def bucket(self) -> Bucket | None:
        """None: media lie in the data folder."""
        if self.s3_bucket is None:
            return None
        return Bucket(
            self.s3_bucket, self.s3_endpoint, self.s3_region, self.s3_access_key, self.s3_secret_key, self.s3_prefix
        )

    @property
    def resolved_database_url(self) -> str:
        """The URL with the asynchronous driver named."""
        if self.database_url is None:
            return f"sqlite+aiosqlite:///{(self.data / 'stationthis.db').resolve()}"
        for plain in ("postgresql://", "postgres://"):
            if self.database_url.startswith(plain):
                return "postgresql+asyncpg://" + self.database_url.removeprefix(plain)
        return self.database_url


@dataclass(frozen=True)
class Bucket:
    """A bucket of S3, R2 or MinIO, as the settings name it."""

    name: str
    endpoint: str | None
    region: str
    access_key: str | None
    secret_key: SecretStr | None = field(repr=False)
    prefix: str = ""


@dataclass(frozen=True)
class Secrets:
    """Keys of this installation: from the settings, else from files with mode 600 in the data folder."""

    master: bytes = field(repr=False)
    cookie: bytes = field(repr=False)
    admin: str = field(repr=False)


def load_settings(**overrides: object) -> Settings:
    """Read and check the settings. Raises SettingsError with the variable's name, never its value."""
    try:
        settings = Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        fields = ", ".join("STATIONTHIS_" + "__".join(map(str, e["loc"])).upper() for e in error.errors())
        raise SettingsError(f"These settings cannot be read: {fields}.") from None
    if settings.data.exists() and not settings.data.is_dir():
        raise SettingsError("STATIONTHIS_DATA names a file where a folder is wanted.")
    return settings


def load_secrets(settings: Settings) -> Secrets:
    """Take the secrets that are set, make and keep the others."""
    folder = settings.data / "secrets"
    master = settings.master_key.get_secret_value() if settings.master_key else _kept(folder / "master.key")
    admin = settings.admin_key.get_secret_value() if settings.admin_key else _kept(folder / "admin.key")
    try:
        master_bytes = bytes.fromhex(master)
    except ValueError:
        master_bytes = b""
    if len(master_bytes) != 32:
        raise SettingsError("STATIONTHIS_MASTER_KEY must be 64 hexadecimal digits.")
    return Secrets(master=master_bytes, cookie=bytes.fromhex(_kept(folder / "cookie.key")), admin=admin)


def provider_environment() -> dict[str, str]:
    """The model providers' own key variables, for litellm: resolved once, here."""
    return {name: value for name, value in os.environ.items() if name.endswith("_API_KEY")}


def _kept(path: Path) -> str:
    if path.exists():
        return path.read_text(encoding="ascii").strip()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return write_once(path, random_secrets.token_hex(32).encode()).decode("ascii").strip()
