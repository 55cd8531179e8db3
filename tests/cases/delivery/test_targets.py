"""Webhooks go to public hosts, whatever name or notation hides a private one."""

import socket
from typing import Any

import pytest

from cases.delivery.targets import BadTarget, check_targets, is_allowed, literal, read_url, resolve
from core.settings import BadSettings, Delivery, Settings

PRIVATE = [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
    "255.255.255.255", "240.0.0.1", "::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1",
    "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:7f00:1::", "2001:db8::1",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_refused(address: str) -> None:
    assert not is_allowed("hooks.example.org", [address], ())
    assert not is_allowed("hooks.example.org", ["93.184.215.14", address], ()), "one of several is enough"


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "64:ff9b::5db8:d70e"])
def test_public_addresses_are_not(address: str) -> None:
    assert is_allowed("hooks.example.org", [address], ())


def test_the_settings_allow_networks_and_hosts() -> None:
    assert is_allowed("a.example", ["10.1.2.9"], ("10.1.2.0/24",))
    assert not is_allowed("a.example", ["10.1.3.9"], ("10.1.2.0/24",))
    assert is_allowed("Hooks.Intern", ["10.1.3.9"], ("hooks.intern",))
    assert is_allowed("a.example", ["::1"], ("10.0.0.0/8", "::1"))


@pytest.mark.parametrize(
    "url",
    [
        "", "x", "ftp://a.example", "file:///etc/passwd", "http://", "http://me@a.example", "http://a.example:0/",
        "http://a.example:99999/", "http://a.example/#x", "http://a b.example", "http://a.example\\@b.example",
        "http://exämple.org", "http://a.example/\n", "http://[::1", "https://" + "a" * 2000,
    ],
)  # fmt: skip
def test_what_is_no_url_of_a_host_is_refused(url: str) -> None:
    with pytest.raises(BadTarget):
        read_url(url)


def test_the_address_that_was_looked_at_is_the_one_to_connect_to(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def once(host: str, port: int, **_: object) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.215.14", port))]

    monkeypatch.setattr(socket, "getaddrinfo", once)
    assert resolve(read_url("https://hooks.example.org/x"), ()) == ("93.184.215.14", 443)
    assert resolve(read_url("http://hooks.example.org:8080/x"), ()) == ("93.184.215.14", 8080)
    assert asked == ["hooks.example.org"] * 2


def test_numbers_that_the_system_reads_as_this_machine_are_refused() -> None:
    for host in ("127.1", "2130706433", "0x7f.1"):
        with pytest.raises((BadTarget, OSError)):
            resolve(read_url(f"http://{host}/"), ())


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("2130706434", "127.0.0.2"), ("0177.0.0.2", "127.0.0.2"), ("0x7f.2", "127.0.0.2"), ("127.2", "127.0.0.2"),
        ("0", "0.0.0.0"), ("0X7F000001", "127.0.0.1"), ("127.0.0.1.", "127.0.0.1"), ("10.258", "10.0.1.2"),
        ("93.184.215.14", "93.184.215.14"), ("::1", "::1"),
    ],
)  # fmt: skip
def test_an_address_is_known_in_whatever_way_it_is_written(host: str, address: str) -> None:
    assert literal(host) == [address]


@pytest.mark.parametrize("host", ["hooks.example.org", "7f.example", "1.2.3.4.5", "4294967296", "0x", ""])
def test_a_name_is_no_address(host: str) -> None:
    assert literal(host) == []


@pytest.mark.parametrize(
    "name", ["10.1.2.0/24", "127.0.0.1", "::1", "fd00::/8", "hooks.intern", "Receiver_1.lan", "hook"]
)
def test_the_settings_name_hosts_and_networks(name: str) -> None:
    check_targets(Settings(delivery=Delivery(private_targets=(name,))))


@pytest.mark.parametrize(
    "name", ['["127.0.0.1"]', "10.1.2.0/33", "10.1.2", "http://hooks.intern", "a b", "-x", "300.1.1.1"]
)
def test_what_is_neither_a_host_nor_a_network_stops_the_start(name: str) -> None:
    with pytest.raises(BadSettings, match="private_targets"):
        check_targets(Settings(delivery=Delivery(private_targets=("10.0.0.0/8", name))))
