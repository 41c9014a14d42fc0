"""Configuration: environment variables with the prefix PILOTBOT_, also read from `.env`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, time
from difflib import get_close_matches
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

PREFIX = "PILOTBOT_"
FILE = ".env"
FIRST_YEAR, LAST_YEAR = 1990, 2199  # of a clock that is set
RESERVED = "AIBOT_"  # for the smart robot's channel, which does not exist yet


class ConfigurationError(Exception):
    """A variable is missing or malformed; the text is one line that names it."""


class Settings(BaseSettings):
    """Everything that can be configured. Missing values of the platform are looked at only by those who need them."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=FILE,
        env_file_encoding="utf-8",
        extra="ignore",
        frozen=True,
        env_ignore_empty=True,
    )

    database_url: SecretStr | None = None  # None: a SQLite file in data_dir
    data_dir: Path = Path("data")
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    public_url: str | None = None
    trusted_proxies: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode] = ()
    wecom_corp_id: str | None = None
    wecom_agent_id: Annotated[int, Field(ge=1)] | None = None
    wecom_secret: SecretStr | None = None
    wecom_token: SecretStr | None = None
    wecom_aes_key: SecretStr | None = None
    wecom_api_base: str = "https://qyapi.weixin.qq.com"
    wecom_proxy: str | None = None
    wecom_account_limit: Annotated[int, Field(ge=1)] | None = None
    admin_users: Annotated[tuple[str, ...], NoDecode] = ()
    admin_token: SecretStr | None = None  # the same as a token of the name 'admin'
    admin_tokens: Annotated[Mapping[str, SecretStr], NoDecode] = {}  # name -> token
    timezone: str = "Asia/Shanghai"
    remind_at: time = time(9, 10)
    retention_days: Annotated[int, Field(ge=1, le=36_500)] = 180
    embeddings_url: str | None = None
    embeddings_model: str | None = None
    embeddings_key: SecretStr | None = None
    clock: datetime | None = None
    clock_rate: Annotated[float, Field(gt=0, le=1e7)] = 1.0
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["console", "json"] = "console"

    @field_validator("wecom_corp_id", "wecom_secret", "wecom_token", "wecom_aes_key", "admin_token", mode="before")
    @classmethod
    def _tidy(cls, value: object) -> object:
        return value.strip() or None if isinstance(value, str) else value

    @field_validator("admin_users", mode="before")
    @classmethod
    def _names(cls, value: object) -> object:
        return tuple(n.strip().lower() for n in value.split(",") if n.strip()) if isinstance(value, str) else value

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _networks(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(ip_network(name.strip(), strict=False) for name in value.split(",") if name.strip())

    @field_validator("admin_tokens", mode="before")
    @classmethod
    def _tokens(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        pairs = [pair.strip().partition(":") for pair in value.split(",") if pair.strip()]
        if not all(name.strip() and token.strip() for name, _, token in pairs):
            raise ValueError("must be name:token,name:token")
        if len({name.strip() for name, _, _ in pairs}) < len(pairs):
            raise ValueError("must give each name one token only")
        return {name.strip(): token.strip() for name, _, token in pairs}

    @field_validator("public_url", "wecom_api_base", "embeddings_url")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", value):
            raise ValueError("must be an http:// or https:// address without query and user")
        return value.rstrip("/") if value else value

    @field_validator("wecom_proxy")
    @classmethod
    def _proxy(cls, value: str | None) -> str | None:
        if value and not re.fullmatch(r"https?://[^\s/?#]+/?", value):
            raise ValueError("must be http://host:port or http://user:password@host:port")
        return value or None

    @field_validator("timezone")
    @classmethod
    def _zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError("is no time zone, e.g. Asia/Shanghai") from None
        return value

    @field_validator("clock", mode="before")
    @classmethod
    def _instant(cls, value: object) -> object:
        """Read here, as pydantic takes a bare number for seconds since 1970."""
        if not isinstance(value, str):
            return value
        try:
            at = datetime.fromisoformat(value.strip())
        except ValueError:
            raise ValueError("must be a date and time, e.g. 2022-04-01T09:00:00+08:00") from None
        if at.tzinfo is None:
            raise ValueError("needs an offset, e.g. 2022-04-01T09:00:00+08:00")
        if not FIRST_YEAR <= at.year <= LAST_YEAR:
            raise ValueError(f"must lie between the years {FIRST_YEAR} and {LAST_YEAR}")
        return at

    @field_validator("remind_at")
    @classmethod
    def _local(cls, value: time) -> time:
        if value.tzinfo is not None:
            raise ValueError("is a local time without offset, e.g. 09:10")
        return value

    @field_validator("log_level", "log_format", mode="before")
    @classmethod
    def _lower(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @property
    def tokens(self) -> Mapping[str, SecretStr]:
        """Name -> token of everyone who may use the admin pages and the API."""
        return {**({"admin": self.admin_token} if self.admin_token else {}), **self.admin_tokens}

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of reminders and of what people read."""
        return ZoneInfo(self.timezone)

    @property
    def links_from(self) -> str:
        """The address that links start with."""
        return self.public_url or f"http://{self.host}:{self.port}"

    @classmethod
    def read(cls, environment: Mapping[str, str], **overrides: Any) -> Self:
        """From the environment and `.env`.

        :raises ConfigurationError: a value is malformed, or a reserved variable is set.
        """
        given = {**_filed(), **environment}
        reserved = next((n for n in given if n.upper().startswith(PREFIX + RESERVED) and given[n]), None)
        if reserved:
            raise ConfigurationError(f"{reserved} is set, but the smart robot's channel does not exist yet; remove it")
        try:
            return cls(**overrides)
        except ValidationError as error:
            first = error.errors()[0]
            name = PREFIX + str(first["loc"][0]).upper() if first["loc"] else "the configuration"
            raise ConfigurationError(f"{name}: {_reason(first['msg'])}") from None

    def require(self, *names: str) -> None:
        """:raises ConfigurationError: some of these fields have no value."""
        first, *others = [PREFIX + name.upper() for name in names if getattr(self, name) is None] or [""]
        if first:
            nor = f", nor {', '.join(others)}" if others else ""
            raise ConfigurationError(f"{first} is not set{nor}; see README, 'Configuration'")


APP = ("wecom_corp_id", "wecom_agent_id", "wecom_secret", "wecom_token", "wecom_aes_key")  # of the self-built app
SERVE = (*APP, "public_url")  # what `serve` cannot do without


def unknown(environment: Mapping[str, str]) -> dict[str, str | None]:
    """Variables in the environment and `.env` that look like ours and are not -> the one that was perhaps meant.

    :raises ConfigurationError: `.env` cannot be read.
    """
    known = [name.upper() for name in Settings.model_fields]
    ours = {name.upper().removeprefix(PREFIX) for name in (*environment, *_filed()) if name.upper().startswith(PREFIX)}
    strange = sorted(name for name in ours.difference(known) if not name.startswith(RESERVED))
    nearest = {name: get_close_matches(name, known, 1) for name in strange}
    return {PREFIX + name: PREFIX + found[0] if found else None for name, found in nearest.items()}


def secret(value: SecretStr | None) -> str:
    """The text of a secret that `require` has seen to."""
    return value.get_secret_value() if value else ""


def _filed() -> Mapping[str, str | None]:
    """What `.env` holds, if there is one.

    :raises ConfigurationError: it cannot be read.
    """
    try:
        return dotenv_values(FILE, encoding="utf-8")
    except UnicodeDecodeError:
        raise ConfigurationError(f"{FILE} is not UTF-8 text") from None
    except OSError as error:
        raise ConfigurationError(f"{FILE} cannot be read: {(error.strerror or str(error)).lower()}") from None


def _reason(message: str) -> str:
    return message.removeprefix("Value error, ").replace("Input should", "should")
