"""Whose request it is and which address to answer with: proxies are believed only where configured."""

import pytest
from aiohttp.test_utils import make_mocked_request

from core.config import Config
from core.errors import Invalid
from webapp.keys import PROXIES, SERVICES
from webapp.requests import (
    base_url,
    client_address,
    is_local,
    is_this_machine,
    limit_address,
    networks,
)


class Peer:
    def __init__(self, address):
        self.address = address

    def get_extra_info(self, name, default=None):
        return (self.address, 1) if name == "peername" else default


class JustConfig:
    def __init__(self, **web):
        self.config = Config(web=web)


def request(peer, headers=None, proxies=(), **web):
    app = {PROXIES: networks(proxies), SERVICES: JustConfig(**web)}
    return make_mocked_request("GET", "/", headers or {}, app=app, transport=Peer(peer))


PROXY = ["10.0.0.0/8", "fd00::/8"]


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("198.51.100.7", "203.0.113.1", "198.51.100.7"),
        ("10.0.0.1", "203.0.113.1", "203.0.113.1"),
        ("10.0.0.1", "6.6.6.6, 203.0.113.1", "203.0.113.1"),
        ("10.0.0.1", "6.6.6.6, 203.0.113.1, 10.0.0.2", "203.0.113.1"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("10.0.0.1", "203.0.113.1:51234", "203.0.113.1"),
        ("10.0.0.1", "[2001:db8::1]:51234", "2001:db8::1"),
        ("10.0.0.1", "::ffff:203.0.113.1", "203.0.113.1"),
        ("::ffff:10.0.0.1", "203.0.113.1", "203.0.113.1"),
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
    ],
)
def test_the_nearest_address_before_our_proxies_is_the_client(peer, forwarded, expected):
    assert client_address(request(peer, {"X-Forwarded-For": forwarded}, PROXY)) == expected


def test_without_proxies_the_header_means_nothing():
    assert client_address(request("127.0.0.1", {"X-Forwarded-For": "203.0.113.1"})) == "127.0.0.1"


@pytest.mark.parametrize(
    ("peer", "expected"), [("203.0.113.9", "203.0.113.9"), ("2001:db8:1:2:aaaa::9", "2001:db8:1:2::/64")]
)
def test_an_ipv6_subscriber_is_one_address(peer, expected):
    assert limit_address(request(peer)) == expected


def test_a_proxy_that_is_no_address_refuses_to_start():
    with pytest.raises(Invalid) as refused:
        networks(["proxy.local"])

    assert refused.value.details["field"] == "web.trusted_proxies"


@pytest.mark.parametrize(
    ("peer", "headers", "is_ours"),
    [
        ("127.0.0.1", {}, True),
        ("::1", {}, True),
        ("198.51.100.7", {}, False),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, False),
        ("127.0.0.1", {"Forwarded": "for=127.0.0.1"}, False),
        ("127.0.0.1", {"X-Real-IP": "127.0.0.1"}, False),
    ],
)
def test_only_what_no_proxy_passed_on_is_local(peer, headers, is_ours):
    assert is_local(request(peer, headers)) is is_ours


FORWARDED = {"Host": "backend:8080", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "tt.example"}


@pytest.mark.parametrize(
    ("peer", "headers", "expected"),
    [
        ("198.51.100.7", {"Host": "192.168.1.5:8080"}, "http://192.168.1.5:8080"),
        ("198.51.100.7", {"Host": "[::1]:8080"}, "http://[::1]:8080"),
        ("198.51.100.7", FORWARDED, "http://backend:8080"),
        ("10.0.0.1", FORWARDED, "https://tt.example"),
        ("10.0.0.1", FORWARDED | {"X-Forwarded-Proto": "javascript"}, "http://127.0.0.1:8080"),
        ("10.0.0.1", FORWARDED | {"X-Forwarded-Host": "evil.example, tt.example"}, "https://tt.example"),
        ("198.51.100.7", {"Host": 'x"><script>'}, "http://127.0.0.1:8080"),
        ("198.51.100.7", {}, "http://127.0.0.1:8080"),
    ],
)
def test_addresses_follow_the_request(peer, headers, expected):
    assert base_url(request(peer, headers, PROXY)) == expected


def test_a_configured_address_always_wins():
    found = request("10.0.0.1", FORWARDED, PROXY, public_url="https://ttboost.example/")

    assert base_url(found) == "https://ttboost.example"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:8080", True),
        ("http://[::1]:8080/player/x", True),
        ("http://localhost:8080", True),
        ("http://192.168.1.5:8080", False),
        ("https://localhost.example", False),
        ("https://live.example", False),
    ],
)
def test_what_nobody_but_this_machine_opens(url, expected):
    assert is_this_machine(url) is expected
