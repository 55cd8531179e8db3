"""Where a person's work is."""

from people.roles import Actor, Role

HOMES: dict[Role, str] = {Role.LEADER: "/leadership", Role.INSPECTOR: "/field", Role.ADMIN: "/admin"}


def home_of(actor: Actor) -> str:
    """The page of the person's first post."""
    return next((HOMES.get(seat.role, "/desk") for seat in actor.seats), "/desk")
