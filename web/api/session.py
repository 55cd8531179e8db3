"""Signing in and out, and the devices on which one is signed in."""

from typing import Literal

from apiflask import APIBlueprint
from flask import Response, g, request
from pydantic import Field

from people.roles import MAY, Actor, Permission, Role
from people.sessions import Presence, admit, list_devices, sign_in, sign_out, sign_out_device
from web.answers import answer, nothing
from web.bodies import LARGEST_SMALL_ID, Answer, Body, Moment, gives, refuses, takes
from web.homes import home_of
from web.signin import allow, drop_cookie, person, person_id, presence, public, set_cookie
from web.transaction import db, now, reader, runtime

blueprint = APIBlueprint("session", __name__, url_prefix="/session", tag="Session")


class Credentials(Body):
    username: str = Field(min_length=1, max_length=60)
    password: str = Field(min_length=1, max_length=200)


class PersonAnswer(Answer):
    id: int
    username: str
    name: str


class CentreAnswer(Answer):
    code: str
    name: str
    level: Literal["city", "district", "street", "village"]


class DepartmentAnswer(Answer):
    id: int
    code: str
    name: str


class RoleAnswer(Answer):
    role: Role
    centre: CentreAnswer
    department: DepartmentAnswer | None


class SessionAnswer(Answer):
    person: PersonAnswer
    roles: list[RoleAnswer]
    permissions: list[Permission]
    csrf_token: str | None = Field(description="Null when a bearer token signs the request")
    home: Literal["/field", "/desk", "/leadership", "/admin"]


class DeviceAnswer(Answer):
    id: int
    device: str
    address: str
    created_at: Moment
    seen_at: Moment
    expires_at: Moment
    current: bool


class DevicesAnswer(Answer):
    items: list[DeviceAnswer]
    next: None


def _shown(actor: Actor, csrf_token: str | None) -> dict[str, object]:
    return {
        "person": {"id": actor.person_id, "username": actor.username, "name": actor.name},
        "roles": [
            {
                "role": seat.role,
                "centre": {"code": seat.centre_code, "name": seat.centre_name, "level": seat.level},
                "department": None
                if seat.department_id is None
                else {"id": seat.department_id, "code": seat.department_code, "name": seat.department_name},
            }
            for seat in actor.seats
        ],
        "permissions": sorted({permission for seat in actor.seats for permission in MAY[seat.role]}),
        "csrf_token": csrf_token,
        "home": home_of(actor),
    }


@blueprint.post("")
@public
@takes(Credentials)
@gives(SessionAnswer, text="Signed in; the session is in the cookie")
@refuses("bad-sign-in", "sign-in-throttled")
def make_session(*, body: Credentials) -> Response:
    """Sign in with a password.

    Every attempt is counted, in a transaction of its own, before its password is looked at; a success takes its
    count back. So attempts at the same time cannot pass the throttle together, and a failure stays counted although
    its request fails.
    """
    address = request.remote_addr or "-"
    with runtime().sessions.begin() as counting:
        attempt = admit(counting, body.username, address, now=now(), settings=runtime().settings)
    device = request.headers.get("User-Agent", "")
    fresh = sign_in(
        db(),
        body.username,
        body.password,
        now=now(),
        address=address,
        device=device,
        settings=runtime().settings,
        attempt=attempt,
    )
    response = answer(_shown(fresh.actor, fresh.csrf_token))
    set_cookie(response, fresh.secret)
    return response


@blueprint.get("")
@allow()
@gives(SessionAnswer)
def show_session() -> Response:
    """Who is signed in, with the CSRF token of the session."""
    found: Presence | None = g.get("presence")
    return answer(_shown(person(), found.csrf_token if found else None))


@blueprint.delete("")
@allow()
@gives(None, 204)
@refuses("session-needed")
def end_session() -> Response:
    """Sign out on this device."""
    sign_out(db(), presence().sign_in_id, now=now())
    response = nothing()
    drop_cookie(response)
    return response


@blueprint.get("/devices")
@allow()
@gives(DevicesAnswer)
def show_devices() -> Response:
    """Where one is signed in now, the latest first."""
    here: Presence | None = g.get("presence")
    found = list_devices(reader(), person_id(), now=now(), settings=runtime().settings)
    items = [vars(device) | {"current": here is not None and device.id == here.sign_in_id} for device in found]
    return answer({"items": items, "next": None})


@blueprint.delete(f"/devices/<int(max={LARGEST_SMALL_ID}):device_id>")
@allow()
@gives(None, 204)
@refuses("device-not-found", "session-needed")
def end_device(device_id: int) -> Response:
    """Sign out on another of one's own devices."""
    here = presence()
    sign_out_device(db(), person_id(), device_id, now=now())
    response = nothing()
    if here.sign_in_id == device_id:
        drop_cookie(response)
    return response
