"""Tasks for the inspector, made the way the centre makes them, over HTTP and without a browser."""

import http.cookiejar
import json
import urllib.request
from typing import Any
from uuid import uuid4

from tests.browser.conftest import PASSWORD
from tests.browser.field.phone import wall
from tests.browser.field.product import Product

SQUARE = {"lon": 121.4737, "lat": 31.2304, "crs": "wgs84"}


class Person:
    """Somebody at the centre, signed in."""

    def __init__(self, product: Product, username: str) -> None:
        self.url = f"{product.url}/api/v1"
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        self.token = ""
        self.token = self.ask("POST", "/session", {"username": username, "password": PASSWORD})["csrf_token"]

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Content-Type": "application/json", "X-CSRF-Token": self.token}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        with self.opener.open(request, timeout=20) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def report(self, words: str, **fields: Any) -> str:
        body = {
            "source": "public", "category_code": "06010", "description": words, "point": SQUARE,
            "observed_at": wall().isoformat(), **fields,
        }  # fmt: skip
        no: str = self.ask("PUT", f"/reports/{uuid4()}", body)["case"]["no"]
        return no

    def do(self, verb: str, no: str, **fields: Any) -> Any:
        version = self.ask("GET", f"/cases/{no}")["version"]
        return self.ask("POST", f"/cases/{no}/verbs/{verb}", {"version": version, **fields})


def verify_task(product: Product, words: str) -> str:
    """A public report that the inspector must verify; its number."""
    acceptor = Person(product, "acceptor")
    no = acceptor.report(words)
    acceptor.do("send_verify", no)
    return no


def check_task(product: Product, words: str) -> str:
    """A case that was handled and must be checked by the inspector; its number."""
    acceptor, lead = Person(product, "acceptor"), Person(product, "shift_lead")
    dispatcher, handler = Person(product, "dispatcher"), Person(product, "handler")
    no = acceptor.report(words, source="department")
    acceptor.do("accept", no)
    lead.do("file", no, condition_id=lead.ask("GET", f"/cases/{no}")["conditions"][0]["id"])
    dispatcher.do("dispatch", no, department="310101002000-all")
    handler.do("sign", no)
    handler.do("finish", no, text="已清理", photos=[str(uuid4())])
    acceptor.do("send_check", no)
    return no
