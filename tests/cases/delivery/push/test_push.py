"""Messages to browsers by a real server that stands in for the push service; the browser's keys open them."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from sqlalchemy import select, update

from cases.delivery import addresses
from cases.delivery.addresses import drop_address, keep_address, push_settings
from cases.delivery.push import check_push, make_key, public_key
from cases.errors import PushOff
from cases.models import (
    Case,
    Channel,
    Delivery,
    DeliveryState,
)
from cases.notices import Audience
from cases.stages import Stage
from core.errors import Invalid
from core.settings import BadSettings, Settings
from people.models import Mail, Person
from people.roles import Role
from tests.cases.delivery.conftest import Office
from tests.cases.delivery.push.conftest import HOST, Browser, actor, inspector, kept, plain, put, subscribe, text


def test_a_task_is_pushed_sealed_for_the_browser_and_nothing_else_opens_it(
    office: Office, case: Case, browser: Browser
) -> None:
    subscribe(office, "inspector", browser.address)
    office.tell(case, inspector(office), "check_asked")
    assert office.tick() == {"sent": 1}
    [(headers, sealed)] = browser.got
    assert (headers["path"], headers["Content-Encoding"], headers["Urgency"]) == ("/push/abc", "aes128gcm", "high")
    assert int(headers["TTL"]) > 0
    assert case.no.encode() not in sealed
    told = browser.opened()
    assert (told["title"], told["url"]) == ("To check", f"/field#/tasks/{case.no}")
    assert case.no in told["body"]
    assert told["tag"] == f"check_asked-{case.no}"


def test_it_is_signed_for_the_push_service_and_only_for_a_while(
    office: Office, case: Case, browser: Browser, settings: Settings
) -> None:
    subscribe(office, "inspector", browser.address)
    office.tell(case, inspector(office), "check_asked")
    office.tick()
    scheme, _, parts = browser.got[0][0]["Authorization"].partition(" ")
    said = dict(part.strip().split("=", 1) for part in parts.split(","))
    assert (scheme, said["k"]) == ("vapid", public_key(settings))
    head, claims, signature = said["t"].split(".")
    assert json.loads(plain(head)) == {"typ": "JWT", "alg": "ES256"}
    claimed = json.loads(plain(claims))
    assert claimed["aud"] == browser.url.removesuffix("/push/abc")
    assert claimed["sub"] == "mailto:duty@town.example"
    assert 0 < claimed["exp"] - office.now.timestamp() <= timedelta(hours=24).total_seconds()
    raw = plain(signature)
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), plain(said["k"]))
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    key.verify(der, f"{head}.{claims}".encode(), ec.ECDSA(SHA256()))  # raises when it is not


@pytest.mark.parametrize(
    ("kind", "pushed"),
    [
        ("roll_call", True),
        ("fence", True),
        ("verify_asked", True),
        ("check_asked", True),
        ("urged", True),
        ("reported", False),
        ("noted", False),
        ("closed", False),
    ],
)
def test_only_what_is_urgent_is_pushed(office: Office, case: Case, browser: Browser, kind: str, pushed: bool) -> None:
    put(office, case, stage=Stage.VERIFYING if kind == "verify_asked" else Stage.CHECKING)
    subscribe(office, "inspector", browser.address)
    office.tell(case, inspector(office), kind)
    assert office.tick() == ({"sent": 1} if pushed else {})


def test_a_post_is_told_at_every_browser_of_who_holds_it_in_its_own_language(
    office: Office, case: Case, browser: Browser
) -> None:
    subscribe(office, "inspector", browser.address)
    subscribe(office, "inspector", replace(browser.address, endpoint=f"{browser.url}/2", language="zh"))
    office.tell(case, Audience(case.centre_id, Role.INSPECTOR), "check_asked")
    assert office.tick() == {"sent": 2}
    assert {browser.opened(0)["title"], browser.opened(1)["title"]} == {"To check", "请核查"}


def test_mail_and_push_go_side_by_side(office: Office, case: Case, browser: Browser) -> None:
    office.wants("inspector", Mail.ALL)
    subscribe(office, "inspector", browser.address)
    office.tell(case, inspector(office), "check_asked")
    assert office.tick() == {"sent": 2}
    assert {one.channel for one in office.deliveries()} == {Channel.MAIL, Channel.PUSH}


def test_a_rung_that_is_no_longer_so_is_withdrawn(office: Office, case: Case, browser: Browser) -> None:
    subscribe(office, "inspector", browser.address)
    office.tell(case, inspector(office), "urge", clock="accept")  # not over: nothing stands behind it
    assert office.tick() == {"withdrawn": 1}
    assert browser.got == []


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_is_gone_gets_nothing_any_more(
    office: Office, case: Case, browser: Browser, status: int
) -> None:
    subscribe(office, "inspector", browser.address)
    browser.says = [status]
    office.tell(case, inspector(office), "check_asked", "roll_call")
    assert office.tick() == {"waiting": 1, "withdrawn": 1}
    assert [one.gone_at for one in kept(office)] == [office.now]
    office.now += timedelta(hours=1)
    assert office.tick() == {"withdrawn": 1}
    office.tell(case, inspector(office), "check_asked")
    assert office.tick() == {}
    assert len(browser.got) == 1
    subscribe(office, "inspector", browser.address)  # it has come back
    office.tell(case, inspector(office), "check_asked")
    assert office.tick() == {"sent": 1}


def test_a_push_service_that_is_busy_gets_it_later_and_failures_are_counted_in_a_row(
    office: Office, case: Case, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(addresses, "FAILURES_MOST", 2)
    subscribe(office, "inspector", browser.address)
    browser.says = [503, 201, 500, 429]
    office.tell(case, inspector(office), "check_asked")
    assert office.tick() == {"waiting": 1}
    assert [one.failures for one in kept(office)] == [1]
    office.now += timedelta(hours=1)
    assert office.tick() == {"sent": 1}
    assert [one.failures for one in kept(office)] == [0]
    office.tell(case, inspector(office), "check_asked")
    office.tick()
    office.now += timedelta(hours=1)
    office.tick()
    assert [(one.failures, one.gone_at) for one in kept(office)] == [(2, office.now)]


def test_who_has_left_or_whose_browser_is_somebody_elses_now_hears_nothing(
    office: Office, case: Case, browser: Browser
) -> None:
    subscribe(office, "inspector", browser.address)
    office.tell(case, inspector(office), "check_asked")
    office.fan_out()
    subscribe(office, "acceptor", browser.address)
    assert office.send() == {"withdrawn": 1}
    office.tell(case, Audience(case.centre_id, Role.ACCEPTOR), "urged")
    office.fan_out()
    with office.sessions.begin() as session:
        session.execute(update(Person).where(Person.name == "acceptor").values(disabled_at=office.now))
    assert office.send() == {"withdrawn": 1}
    assert browser.got == []


def test_without_a_key_nothing_is_pushed_or_promised(office: Office, case: Case, browser: Browser) -> None:
    subscribe(office, "inspector", browser.address)
    office.settings = replace(office.settings, push=replace(office.settings.push, private_key=""))
    office.tell(case, inspector(office), "check_asked")
    assert office.tick() == {}
    with office.sessions.begin() as session:
        me = actor(office, "inspector")
        assert push_settings(session, me, office.settings) == {"key": None, "addresses": 1}
        with pytest.raises(PushOff):
            keep_address(session, me, browser.address, now=office.now, settings=office.settings)


def test_a_private_address_is_refused_when_it_is_kept_and_again_when_it_is_sent(
    office: Office, case: Case, browser: Browser
) -> None:
    subscribe(office, "inspector", browser.address)
    office.settings = replace(office.settings, push=replace(office.settings.push, hosts=()))
    office.tell(case, inspector(office), "check_asked")
    assert office.tick() == {"waiting": 1}
    [delivery] = office.deliveries()
    assert (delivery.error or "").startswith("private_target")
    assert browser.got == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"endpoint": "http://push.example/x"}, ("endpoint", "not_push_url")),
        ({"endpoint": "https://user@push.example/x"}, ("endpoint", "not_push_url")),
        ({"endpoint": "https://10.0.0.8/x"}, ("endpoint", "private_target")),
        ({"endpoint": "https://[::1]/x"}, ("endpoint", "private_target")),
        ({"p256dh": "AAAA"}, ("keys.p256dh", "not_push_key")),
        ({"p256dh": text(b"\4" + b"1" * 64)}, ("keys.p256dh", "not_push_key")),
        ({"p256dh": "ä"}, ("keys.p256dh", "not_push_key")),
        ({"auth": "AAAA"}, ("keys.auth", "not_push_key")),
    ],
)
def test_what_no_browser_gives_is_refused(
    office: Office, case: Case, browser: Browser, change: dict[str, str], fault: tuple[str, str]
) -> None:
    with pytest.raises(Invalid) as refused:
        subscribe(office, "inspector", replace(browser.address, **change))
    assert [(one.field, one.code) for one in refused.value.errors] == [fault]
    assert kept(office) == []


def test_a_person_keeps_their_newest_browsers_and_drops_one_by_its_address(
    office: Office, case: Case, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(addresses, "ADDRESSES_MOST", 2)
    for number in range(3):
        subscribe(office, "inspector", replace(browser.address, endpoint=f"{browser.url}/{number}"))
        office.now += timedelta(minutes=1)
    assert [one.endpoint[-1] for one in kept(office)] == ["1", "2"]
    with office.sessions.begin() as session:
        drop_address(session, actor(office, "acceptor"), f"{browser.url}/1")
        drop_address(session, actor(office, "inspector"), f"{browser.url}/2")
    assert [one.endpoint[-1] for one in kept(office)] == ["1"]


def test_a_key_or_a_subject_that_is_none_stops_the_start(settings: Settings) -> None:
    check_push(settings)
    check_push(replace(settings, push=replace(settings.push, private_key="")))
    for change, told in (
        ({"private_key": "abc"}, r"push\.private_key"),
        ({"private_key": "ä"}, r"push\.private_key"),
        ({"private_key": text(bytes(32))}, r"push\.private_key"),
        ({"subject": ""}, r"push\.subject"),
        ({"subject": "duty@town.example"}, r"push\.subject"),
    ):
        with pytest.raises(BadSettings, match=told):
            check_push(replace(settings, push=replace(settings.push, **change)))


def test_sent_messages_name_the_push_service_and_not_the_whole_address(
    office: Office, case: Case, browser: Browser
) -> None:
    from cases.delivery.keeping import list_deliveries

    subscribe(office, "inspector", browser.address)
    office.tell(case, inspector(office), "check_asked")
    office.tick()
    with office.sessions.begin() as session:
        [shown] = list_deliveries(session, actor(office, "admin"), state=DeliveryState.SENT, limit=5)
        assert session.scalar(select(Delivery.push_id)) == kept(office)[0].id
    assert shown["receiver"] == {"id": inspector(office).person_id, "name": "inspector", "address": HOST}


def test_a_command_prints_a_key_that_works(settings: Settings) -> None:
    from click.testing import CliRunner

    from cases.commands import cases

    printed = CliRunner().invoke(cases, ["make-push-key"]).stdout.strip()
    name, _, key = printed.partition("=")
    assert name == "WANGGE_PUSH_PRIVATE_KEY"
    check_push(replace(settings, push=replace(settings.push, private_key=key)))
    assert key != make_key()
