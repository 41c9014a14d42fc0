"""The files for operators agree with each other, and with what the service does."""

from __future__ import annotations

import re
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot import compose
from bot.process import IDLE_SECONDS
from bot.web.answers import PATIENCE

ROOT = Path(__file__).parents[2]
NGINX = (ROOT / "deploy" / "nginx.conf").read_text("utf-8")
COMPOSED: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
REPLICAS = ("pilotbot-1", "pilotbot-2")
PLATFORM_WAITS = 5.0  # s


def addresses() -> dict[str, str]:
    services = COMPOSED["services"]
    return {name: services[name]["networks"]["inside"]["ipv4_address"] for name in REPLICAS}


def test_the_proxy_hands_requests_to_the_replicas_at_their_own_addresses() -> None:
    named = re.findall(r"server ([\w-]+):(\d+)", NGINX)
    assert {name for name, _ in named} == set(REPLICAS)
    assert {port for _, port in named} == {COMPOSED["services"]["pilotbot-1"]["environment"]["PILOTBOT_PORT"]}
    assert COMPOSED["services"]["proxy"]["extra_hosts"] == addresses()


def test_no_other_container_is_given_a_replica_s_address() -> None:
    (network,) = COMPOSED["networks"]["inside"]["ipam"]["config"]
    for address in addresses().values():
        assert ip_address(address) in ip_network(network["subnet"])
        assert ip_address(address) not in ip_network(network["ip_range"])


def test_whom_the_service_trusts_is_the_network_of_the_proxy() -> None:
    (network,) = COMPOSED["networks"]["inside"]["ipam"]["config"]
    for name in REPLICAS:
        assert COMPOSED["services"][name]["environment"]["PILOTBOT_TRUSTED_PROXIES"] == network["subnet"]


@pytest.mark.parametrize("port", COMPOSED["services"]["proxy"]["ports"])
def test_what_is_believed_and_not_encrypted_is_for_this_machine_only(port: str) -> None:
    assert port.startswith("127.0.0.1:")


def test_the_proxy_gives_up_after_the_service_has_answered_and_before_the_platform_does() -> None:
    (milliseconds,) = re.findall(r"proxy_read_timeout (\d+)ms;", NGINX)
    assert PATIENCE < int(milliseconds) / 1000 < PLATFORM_WAITS


def test_the_proxy_closes_idle_connections_before_the_service_does() -> None:
    kept = re.findall(r"keepalive_timeout (\d+)s;", NGINX)
    assert len(kept) == NGINX.count("upstream pilotbot")
    assert max(map(int, kept)) < IDLE_SECONDS


def test_the_proxy_takes_a_message_of_the_size_that_the_service_takes() -> None:
    callback = NGINX.partition("location = /wecom/callback")[2].partition("}")[0]
    assert re.findall(r"client_max_body_size (\d+)m;", callback) == [str(compose.MAX_BODY // 1024**2)]
