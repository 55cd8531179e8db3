"""The tiles under the map: what can be configured, and which hosts are let through."""

from dataclasses import replace
from typing import Any

import pytest

from core.settings import BadSettings, Basemap, Settings
from grid.basemap import basemap_origins, check_basemap, told_basemap

TIANDITU = "https://t{0-7}.tianditu.gov.cn/vec_w/wmts?tk={key}"


def settings(**values: Any) -> Settings:
    return replace(Settings(), basemap=Basemap(**values))


def test_without_an_address_there_is_none() -> None:
    check_basemap(Settings())
    assert told_basemap(Settings()) is None
    assert basemap_origins(Settings()) == []


@pytest.mark.parametrize(
    "values",
    [
        {"url": "https://tile.example.org/{z}/{x}/{y}.png"},
        {"url": "http://10.1.2.3:8080/{z}/{x}/{y}.png?key={key}", "key": "k"},
        {"url": "https://webrd0{1-4}.example.com/tile?x={x}&y={y}&z={z}", "crs": "gcj02"},
        {"url": TIANDITU, "kind": "wmts", "layer": "vec", "matrix_set": "w", "key": "k"},
        {"url": "https://t0.example/{layer}_{set}/{z}/{y}/{x}", "kind": "wmts", "layer": "img", "matrix_set": "c"},
    ],
)
def test_a_tile_server_or_a_wmts_can_be_configured(values: dict[str, Any]) -> None:
    check_basemap(settings(**values))
    told = told_basemap(settings(**values))
    assert told is not None
    assert told["url"] == values["url"]
    assert set(told) == {"url", "kind", "layer", "matrix_set", "crs", "key", "attribution", "most_zoom"}


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"kind": "tms"}, ["basemap.kind: 'tms' is none of xyz, wmts"]),
        ({"crs": "bd09", "matrix_set": "x"}, ["basemap.matrix_set", "basemap.crs"]),
        ({"most_zoom": 0}, ["basemap.most_zoom"]),
        ({"url": "https://a.example/{z}/{x}.png"}, ["needs {z}, {x} and {y}"]),
        ({"url": "https://a.example/tiles"}, ["needs {z}, {x} and {y}"]),
        ({"url": "ftp://a.example/{z}/{x}/{y}"}, ["must begin with https://"]),
        ({"url": "//a.example/{z}/{x}/{y}"}, ["must begin with https://"]),
        ({"url": "javascript:alert(1)//{z}/{x}/{y}"}, ["must begin with https://"]),
        ({"url": "https:///{z}/{x}/{y}"}, ["must begin with https://"]),
        ({"url": "https://a.example; script-src */{z}/{x}/{y}"}, ["has blanks", "must begin with https://"]),
        ({"url": "https://*/{z}/{x}/{y}"}, ["must begin with https://"]),
        ({"url": "https://you@a.example/{z}/{x}/{y}"}, ["must begin with https://"]),
        ({"url": "https://a.example:99999/{z}/{x}/{y}"}, ["must begin with https://"]),
        ({"url": "https://t{7-0}.example/{z}/{x}/{y}"}, ["must begin with https://"]),
        ({"url": "https://t{0-1}{2-3}.example/{z}/{x}/{y}"}, ["must begin with https://"]),
        ({"url": "https://{s}.example/{z}/{x}/{y}"}, ["must begin with https://", "{s} is none of"]),
        ({"url": "https://a.example/{z}/{x}/{y}?k={key}"}, ["basemap.key"]),
        ({"url": TIANDITU, "kind": "wmts", "key": "k"}, ["basemap.layer"]),
        ({"url": "https://a.example/{z}", "kind": "wmts", "layer": "l"}, ["needs {z}, {x} and {y}"]),
    ],
)
def test_what_cannot_be_stops_the_start_and_is_named(values: dict[str, Any], told: list[str]) -> None:
    with pytest.raises(BadSettings) as refused:
        check_basemap(settings(**values))
    for words in told:
        assert words in str(refused.value)


def test_the_hosts_by_turns_are_each_named() -> None:
    assert basemap_origins(settings(url=TIANDITU)) == [f"https://t{i}.tianditu.gov.cn" for i in range(8)]
    assert basemap_origins(settings(url="http://{a-c}.Example:80/x{0-3}?{z}")) == [
        "http://a.example:80", "http://b.example:80", "http://c.example:80",
    ]  # fmt: skip
