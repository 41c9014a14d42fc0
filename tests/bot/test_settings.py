"""Configuration: what is read, and the one line that a mistake gets."""

from __future__ import annotations

from datetime import time
from ipaddress import ip_network
from pathlib import Path

import pytest

from bot.settings import SERVE, ConfigurationError, Settings


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without a `.env`."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def read(monkeypatch: pytest.MonkeyPatch, **values: str) -> Settings:
    environment = {f"PILOTBOT_{name}": value for name, value in values.items()}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return Settings.read(environment)


def test_without_any_variable_there_are_defaults() -> None:
    settings = Settings.read({})
    assert (settings.host, settings.port, settings.data_dir) == ("127.0.0.1", 8080, Path("data"))
    assert (settings.timezone, settings.remind_at, settings.retention_days) == ("Asia/Shanghai", time(9, 10), 180)
    assert settings.links_from == "http://127.0.0.1:8080"


def test_variables_are_read_and_tidied(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read(
        monkeypatch,
        PUBLIC_URL="https://bot.example.com/",
        ADMIN_USERS="ZhangSan, lisi,,",
        TRUSTED_PROXIES="10.0.0.1, 192.168.0.0/16",
        REMIND_AT="08:45",
        LOG_LEVEL="DEBUG",
    )
    assert settings.links_from == "https://bot.example.com"
    assert settings.admin_users == ("zhangsan", "lisi")
    assert settings.trusted_proxies == (ip_network("10.0.0.1/32"), ip_network("192.168.0.0/16"))
    assert (settings.remind_at, settings.log_level) == (time(8, 45), "debug")


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(monkeypatch, PORT="", PUBLIC_URL="").port == 8080


def test_a_file_beside_the_program_is_read_too(nowhere: Path) -> None:
    (nowhere / ".env").write_text("PILOTBOT_PORT=9000\nOTHER=1\n", "utf-8")
    assert Settings.read({}).port == 9000


def test_admin_tokens_have_names_and_the_single_one_is_called_admin(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read(monkeypatch, ADMIN_TOKENS="alice:one, bob:t:w:o", ADMIN_TOKEN="three")
    tokens = {name: token.get_secret_value() for name, token in settings.tokens.items()}
    assert tokens == {"admin": "three", "alice": "one", "bob": "t:w:o"}


def test_no_secret_shows_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read(
        monkeypatch, WECOM_SECRET="hush-1", WECOM_TOKEN="hush-2", ADMIN_TOKENS="a:hush-3", DATABASE_URL="hush-4"
    )
    assert "hush" not in repr(settings) + str(settings)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "65536"),
        ("PUBLIC_URL", "bot.example.com"),
        ("PUBLIC_URL", "https://user@bot.example.com"),
        ("WECOM_API_BASE", "ftp://x"),
        ("WECOM_PROXY", "user:hush@proxy:3128"),
        ("WECOM_AGENT_ID", "0"),
        ("WECOM_ACCOUNT_LIMIT", "-1"),
        ("TIMEZONE", "Mars/Olympus"),
        ("TIMEZONE", "../../etc/passwd"),
        ("REMIND_AT", "25:00"),
        ("REMIND_AT", "09:10+08:00"),
        ("RETENTION_DAYS", "0"),
        ("RETENTION_DAYS", "99999999999"),
        ("CLOCK", "2022-04-01T09:00:00"),
        ("CLOCK", "yesterday"),
        ("CLOCK", "2022"),
        ("CLOCK", "9999-12-31T23:59:59+00:00"),
        ("CLOCK_RATE", "0"),
        ("CLOCK_RATE", "inf"),
        ("LOG_LEVEL", "loud"),
        ("LOG_FORMAT", "xml"),
        ("TRUSTED_PROXIES", "everybody"),
        ("ADMIN_TOKENS", "hush"),
        ("ADMIN_TOKENS", ":hush"),
        ("ADMIN_TOKENS", "li:hush,li:hush2"),
    ],
)
def test_a_malformed_value_is_one_line_that_names_the_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(monkeypatch, **{name: value})
    message = str(caught.value)
    assert message.startswith(f"PILOTBOT_{name}: ")
    assert "\n" not in message
    assert "hush" not in message


def test_the_robots_variables_are_reserved(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigurationError, match="PILOTBOT_AIBOT_SECRET is set"):
        read(monkeypatch, AIBOT_SECRET="hush")


def test_they_are_reserved_in_the_file_too(nowhere: Path) -> None:
    (nowhere / ".env").write_text("PILOTBOT_AIBOT_ID=x\n", "utf-8")
    with pytest.raises(ConfigurationError, match="PILOTBOT_AIBOT_ID is set"):
        Settings.read({})


def test_a_file_that_is_no_text_is_named(nowhere: Path) -> None:
    (nowhere / ".env").write_bytes("PILOTBOT_HOST=主机".encode("gb18030"))
    with pytest.raises(ConfigurationError, match=r"\.env is not UTF-8 text"):
        Settings.read({})


def test_a_blank_secret_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(monkeypatch, WECOM_SECRET="  ").wecom_secret is None


@pytest.mark.parametrize("missing", SERVE)
def test_serving_names_what_is_missing(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    whole = {
        "wecom_corp_id": "ww1",
        "wecom_agent_id": "1000002",
        "wecom_secret": "s",
        "wecom_token": "t",
        "wecom_aes_key": "k" * 43,
        "public_url": "https://bot.example.com",
    }
    read(monkeypatch, **{k.upper(): v for k, v in whole.items()}).require(*SERVE)
    monkeypatch.delenv(f"PILOTBOT_{missing.upper()}")
    with pytest.raises(ConfigurationError, match=f"PILOTBOT_{missing.upper()} is not set"):
        Settings.read({}).require(*SERVE)
