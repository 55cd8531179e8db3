"""Who acts in the stories: the people of the demo by what they may do where."""

from collections import defaultdict
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.models import Case
from cases.permissions import line_of
from grid.models import Centre
from people.models import Person, Post
from people.roles import Actor, Role, Seat


class Players:
    """All demo people, found by role and place."""

    def __init__(self, session: Session) -> None:
        rows = session.execute(
            select(Person.id, Person.username, Person.name, Post.role, Post.department_id, Centre)
            .join(Post, Post.person_id == Person.id)
            .join(Centre, Centre.id == Post.centre_id)
            .where(Person.is_demo)
            .order_by(Person.username, Post.id)
        ).all()
        seats: dict[int, list[Seat]] = defaultdict(list)
        names: dict[int, tuple[str, str]] = {}
        self.lines: dict[int, tuple[str, ...]] = {}
        for person_id, username, name, role, department_id, centre in rows:
            line = tuple(centre.line)
            self.lines[centre.id] = line
            names[person_id] = (username, name)
            seats[person_id].append(Seat(role, centre.id, centre.code, centre.name, centre.level, line, department_id))
        self.actors = {person_id: Actor(person_id, *names[person_id], tuple(held)) for person_id, held in seats.items()}
        self._at: dict[tuple[Role, str], list[Actor]] = defaultdict(list)
        self._in: dict[int, list[Actor]] = defaultdict(list)
        for actor in self.actors.values():
            for role, code in dict.fromkeys((seat.role, seat.centre_code) for seat in actor.seats):
                self._at[role, code].append(actor)
            working = (seat.department_id for seat in actor.seats if seat.role is Role.HANDLER)
            for department_id in dict.fromkeys(working):
                if department_id is not None:
                    self._in[department_id].append(actor)

    def named(self, username: str) -> Actor:
        """The person with that name to sign in with."""
        return next(actor for actor in self.actors.values() if actor.username == username)

    def for_case(self, case: Case, role: Role, centre_line: tuple[str, ...], rng: Random) -> Actor:
        """Somebody who may act in the role: the nearest to the case, its own inspector, its department's handler."""
        if role is Role.HANDLER and case.department_id is not None:
            return rng.choice(self._in[case.department_id])
        if role is Role.INSPECTOR and case.inspector_id is not None:
            return self.actors[case.inspector_id]
        line = [code for code in line_of(case) if code] if role is Role.INSPECTOR else list(centre_line)
        found = next(people for code in reversed(line) if (people := self._at.get((role, code))))
        return rng.choice(found)
