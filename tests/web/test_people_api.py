"""The people list and the state of the system, for administrators."""

from collections.abc import Callable

from people.roles import Role
from tests.web.conftest import Browser

PEOPLE, SYSTEM = "/api/v1/people", "/api/v1/system"


def test_administrators_see_accounts_with_their_posts_page_by_page(browser: Callable[..., Browser]) -> None:
    browser("wang")
    root = browser("root", Role.ADMIN)
    first = root.get(f"{PEOPLE}?limit=1").json
    second = root.get(f"{PEOPLE}?limit=1&cursor={first['next']}").json
    assert [one["username"] for one in first["items"] + second["items"]] == ["root", "wang"]
    assert second["next"] is None
    assert second["items"][0]["posts"] == [
        {
            "role": "acceptor",
            "centre": {"code": "310101002000", "level": "street", "name": "南京东路街道"},
            "department": None,
        }
    ]


def test_nobody_else_sees_the_people_or_the_system(browser: Callable[..., Browser]) -> None:
    wang = browser("wang")
    assert [wang.get(path).status_code for path in (PEOPLE, SYSTEM)] == [403, 403]


def test_a_made_up_cursor_of_people_is_refused(browser: Callable[..., Browser]) -> None:
    assert browser("root", Role.ADMIN).get(f"{PEOPLE}?cursor=x").status_code == 422


def test_the_state_of_the_system_is_told_in_the_readers_language(browser: Callable[..., Browser]) -> None:
    root = browser("root", Role.ADMIN)
    english = root.get(SYSTEM).text
    chinese = root.get(SYSTEM, headers={"Accept-Language": "zh-CN"}).text
    assert "MB free for photos" in english
    assert "照片可用空间" in chinese
    assert all(words not in chinese for words in ("MB free", "never seen", "migration "))
