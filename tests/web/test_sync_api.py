"""GET /api/v1/sync: all that the app keeps on the phone, in one answer."""

from collections.abc import Callable

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
