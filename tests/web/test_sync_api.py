"""GET /api/v1/sync: all that the app keeps on the phone, in one answer."""

import gzip
from collections.abc import Callable
from unittest.mock import ANY

import orjson

from people.roles import Role
from tests.web.conftest import Browser

PATH = "/api/v1/sync"


def test_an_inspector_is_told_everything_in_one_answer(browser: Callable[..., Browser]) -> None:
    answer = browser("yan", Role.INSPECTOR).get(PATH)
    assert answer.status_code == 200, answer.text
    told = answer.json
    assert told["person"]["name"] == "王"
    assert told["settings"]["photo_bytes"] == 20 * 1024 * 1024
    assert told["tasks"] == told["reports"] == []
    first = next(item for item in told["categories"]["items"] if item["code"] == "01001")
    assert (first["pinyin"], first["initials"], first["self_handle"]) == ("gong shui jing gai", "gsjg", True)


def test_what_is_held_is_not_told_again(browser: Callable[..., Browser]) -> None:
    yan = browser("yan", Role.INSPECTOR)
    version = yan.get(PATH).json["categories"]["version"]
    assert yan.get(PATH, query_string={"categories": version}).json["categories"] is None
    assert yan.get(PATH, query_string={"categories": "older"}).json["categories"]["version"] == version


def test_who_has_no_inspectors_post_gets_an_answer_too(browser: Callable[..., Browser]) -> None:
    assert browser("hua", Role.HANDLER).get(PATH).status_code == 200


def test_the_answer_is_compressed_for_who_takes_it_and_says_the_same(browser: Callable[..., Browser]) -> None:
    yan = browser("yan", Role.INSPECTOR)
    plain = yan.get(PATH, headers={"Accept-Encoding": "gzip;q=0"})
    assert "Content-Encoding" not in plain.headers
    for _ in range(2):  # the second one is put together from what is kept
        packed = yan.get(PATH, headers={"Accept-Encoding": "gzip, br"})
        assert packed.headers["Content-Encoding"] == "gzip"
        assert "Accept-Encoding" in packed.headers["Vary"]
        assert len(packed.data) < len(plain.data) / 3
        assert orjson.loads(gzip.decompress(packed.data)) == plain.json | {"now": ANY}
    held = {name: plain.json[name]["version"] for name in ("categories", "phrases", "grid")}
    assert "Content-Encoding" not in yan.get(PATH, query_string=held, headers={"Accept-Encoding": "gzip"}).headers


def test_a_street_out_of_sight_is_not_there(browser: Callable[..., Browser]) -> None:
    refused = browser("yan", Role.INSPECTOR).get(PATH, query_string={"street": "310106013000"})
    assert (refused.status_code, refused.json["type"]) == (404, "urn:wangge:problem:no-cell")
