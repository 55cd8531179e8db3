"""The pages work where no other host can be reached."""

import re

from tests.house.tree import ROOT, name, pages

# Names of things, not places to fetch from.
NAMESPACES = ("http://www.w3.org/", "https://www.w3.org/", "http://www.opengis.net/", "https://schema.org")
OWN = re.compile(r"https?://(localhost|127\.0\.0\.1|\[::1\]|example\.(org|com|test))\b")
ADDRESS = re.compile(r"""(?:https?:|wss?:)//[^\s"'`)<>]+|(?:src|href)\s*=\s*["']//[^"']+|url\(\s*["']?//[^)]+""")


def outside(text: str) -> list[str]:
    return [found for found in ADDRESS.findall(text) if not found.startswith(NAMESPACES) and not OWN.match(found)]


def test_an_outside_address_would_be_found() -> None:
    assert outside('<script src="//cdn.example.net/x.js">')
    assert outside("fetch('https://unpkg.com/ol')")
    assert not outside('<svg xmlns="http://www.w3.org/2000/svg"> // a comment')


def test_no_page_names_an_outside_host() -> None:
    sources = [path for path in pages() if ".test." not in path.name]
    assert sources, "no pages found"
    guilty = {name(path): found for path in sources if (found := outside(path.read_text("utf-8")))}
    assert guilty == {}


def test_the_built_shells_name_no_outside_host() -> None:
    built = [*(ROOT / "web" / "static").rglob("*.html"), *(ROOT / "web" / "static").rglob("*.css")]
    assert {name(path): found for path in built if (found := outside(path.read_text("utf-8")))} == {}
