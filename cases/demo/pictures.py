"""Photos for the demo, drawn here so that nobody's picture is used: a street with the trouble and without it."""

import io
from datetime import datetime
from random import Random
from typing import Literal
from uuid import UUID, uuid5

from PIL import Image, ImageDraw
from sqlalchemy.orm import Session

from cases.photos import keep_photo
from core.settings import Settings
from people.roles import Actor

Kind = Literal["before", "after"]
Box = tuple[float, float, float, float]
SPACE = UUID("6f1cf1c4-5b0d-4c43-9a7e-0d2f7f3a2b11")
"""Of the demo's uuids: the same picture has the same id wherever it is made."""
SIZE = (960, 720)
VARIANTS = 2
COPIES: dict[Kind, int] = {"before": 6, "after": 6}
"""As many as the longest story needs."""
SUBJECTS = {
    "01": "cover", "02": "rail", "03": "bin", "04": "tree", "05": "cover", "06": "rubbish", "07": "poster",
    "08": "rubble", "09": "bikes", "10": "cable", "90": "water",
}  # fmt: skip
ASPHALT, KERB, WALL, METAL, DARK = "#6b6e70", "#b9b4aa", "#cbbfa8", "#4c5358", "#1d2022"


class Roll:
    """Photos for one case: a photo hangs on a case once, so each is taken only once."""

    def __init__(self, class_code: str, taken: int = 0) -> None:
        self._subject = SUBJECTS.get(class_code, "cover")
        self._taken: dict[Kind, int] = {"before": taken, "after": 0}

    def take(self, kind: Kind, count: int = 1) -> list[str]:
        """The ids of the next `count` photos with the trouble (`before`) or without it (`after`)."""
        first = self._taken[kind]
        self._taken[kind] += count
        return [str(photo_id(self._subject, kind, number)) for number in range(first, first + count)]


def photo_id(subject: str, kind: Kind, number: int) -> UUID:
    """The same picture has the same id wherever the demo is made."""
    return uuid5(SPACE, f"{subject}-{kind}-{number}")


def keep_all(session: Session, actor: Actor, *, now: datetime, settings: Settings) -> int:
    """Draw and keep every photo, as if it had been sent; how many there are."""
    count = 0
    for subject in sorted(set(SUBJECTS.values())):
        for kind, most in COPIES.items():
            drawn = [draw(subject, kind, variant) for variant in range(VARIANTS)]
            for number in range(most):
                body = io.BytesIO(drawn[number % VARIANTS])
                keep_photo(session, actor, photo_id(subject, kind, number), body, now=now, storage=settings.storage)
                count += 1
    return count


def draw(subject: str, kind: Kind, variant: int) -> bytes:
    """A JPEG of the subject in its street; each variant looks a little different."""
    rng = Random(f"{subject}{variant}")
    image = Image.new("RGB", SIZE, rng.choice(("#dfe6ea", "#d6dde6", "#e6e2da")))
    pen = ImageDraw.Draw(image)
    _street(pen, rng)
    _SUBJECTS[subject](pen, rng, trouble=kind == "before")
    out = io.BytesIO()
    image.save(out, "JPEG", quality=72)
    return out.getvalue()


def _street(pen: ImageDraw.ImageDraw, rng: Random) -> None:
    horizon = rng.randint(250, 300)
    pen.rectangle((0, 90, 960, horizon), fill=WALL)
    for left in range(rng.randint(10, 60), 960, 170):
        pen.rectangle((left, 130, left + 90, horizon - 40), fill="#8fa3ad", outline="#7d7468", width=4)
    pen.rectangle((0, horizon, 960, horizon + 70), fill=KERB)
    for left in range(0, 960, 80):
        pen.line((left, horizon, left - 30, horizon + 70), fill="#a39e94", width=2)
    pen.rectangle((0, horizon + 70, 960, 720), fill=ASPHALT)
    for _ in range(260):
        x, y = rng.randrange(960), rng.randrange(horizon + 75, 720)
        pen.point((x, y), fill=rng.choice(("#7a7d7f", "#5c5f61")))


def _cover(pen: ImageDraw.ImageDraw, _rng: Random, *, trouble: bool) -> None:
    hole: Box = (330, 470, 630, 620)
    pen.ellipse(hole, fill=DARK if trouble else METAL, outline="#2f3437", width=10)
    if trouble:
        pen.ellipse((600, 540, 850, 660), fill=METAL, outline="#2f3437", width=8)
        return
    for offset in range(40, 280, 40):
        pen.line((330 + offset, 490, 330 + offset, 600), fill="#394044", width=6)


def _rail(pen: ImageDraw.ImageDraw, _rng: Random, *, trouble: bool) -> None:
    for left in range(60, 900, 90):
        bent = 90 if trouble and 350 < left < 640 else 0
        pen.line((left, 640, left + bent, 430 + bent), fill="#eef1f2", width=14)
    if not trouble:
        pen.line((40, 440, 920, 440), fill="#eef1f2", width=16)
        pen.line((40, 540, 920, 540), fill="#eef1f2", width=12)


def _bin(pen: ImageDraw.ImageDraw, rng: Random, *, trouble: bool) -> None:
    pen.rectangle((390, 330, 570, 600), fill="#2f6f4f", outline="#1d4a34", width=8)
    pen.rectangle((370, 310, 590, 345), fill="#255a40")
    if trouble:
        _scatter(pen, rng, (360, 260, 600, 330), 14)
        _scatter(pen, rng, (280, 590, 700, 660), 26)


def _tree(pen: ImageDraw.ImageDraw, _rng: Random, *, trouble: bool) -> None:
    if trouble:
        pen.line((180, 600, 760, 520), fill="#6d4c33", width=44)
        pen.ellipse((640, 380, 930, 620), fill="#5d8a4a")
        return
    pen.line((480, 620, 480, 360), fill="#6d4c33", width=44)
    pen.ellipse((320, 130, 640, 420), fill="#5d8a4a")


def _rubbish(pen: ImageDraw.ImageDraw, rng: Random, *, trouble: bool) -> None:
    if trouble:
        _scatter(pen, rng, (240, 420, 740, 640), 90)


def _poster(pen: ImageDraw.ImageDraw, rng: Random, *, trouble: bool) -> None:
    pen.rectangle((200, 110, 760, 400), fill="#d8cfbd")
    for _ in range(16 if trouble else 0):
        x, y = rng.randint(210, 680), rng.randint(120, 340)
        pen.rectangle((x, y, x + 70, y + 48), fill=rng.choice(("#f6f1d5", "#f2d0cf", "#d5e6f6")), outline="#777777")
        pen.line((x + 8, y + 16, x + 60, y + 16), fill="#444444", width=4)


def _rubble(pen: ImageDraw.ImageDraw, rng: Random, *, trouble: bool) -> None:
    if not trouble:
        return
    for _ in range(70):
        x, y = rng.gauss(480, 120), rng.gauss(560, 40)
        side = rng.randint(18, 52)
        pen.polygon([(x, y), (x + side, y + 6), (x + side - 8, y + side), (x - 6, y + side - 10)], fill=rng.choice(
            ("#a0522d", "#9b9b93", "#c9c2b2")
        ))  # fmt: skip


def _bikes(pen: ImageDraw.ImageDraw, rng: Random, *, trouble: bool) -> None:
    for number in range(7):
        x = 90 + number * 115
        y = 520 + (rng.randint(-70, 80) if trouble else 0)
        for wheel in (x, x + 80):
            pen.ellipse((wheel, y, wheel + 62, y + 62), outline="#222222", width=6)
        pen.line((x + 31, y + 31, x + 60, y - 20, x + 111, y + 31), fill=rng.choice(("#e8a317", "#2b7bb9")), width=8)


def _cable(pen: ImageDraw.ImageDraw, _rng: Random, *, trouble: bool) -> None:
    low = 560 if trouble else 170
    pen.line([(0, 120), (240, 120 + (low - 120) * 0.7), (480, low), (720, 120 + (low - 120) * 0.7), (960, 120)],
             fill="#111111", width=8, joint="curve")  # fmt: skip


def _water(pen: ImageDraw.ImageDraw, rng: Random, *, trouble: bool) -> None:
    if not trouble:
        return
    pen.ellipse((90, 430, 880, 690), fill="#7d95a3")
    for _ in range(12):
        x, y = rng.randint(200, 700), rng.randint(470, 640)
        pen.arc((x, y, x + 90, y + 26), 200, 340, fill="#c3d3db", width=4)


def _scatter(pen: ImageDraw.ImageDraw, rng: Random, box: Box, count: int) -> None:
    for _ in range(count):
        x, y = rng.uniform(box[0], box[2]), rng.uniform(box[1], box[3])
        size = rng.randint(12, 40)
        pen.ellipse((x, y, x + size, y + size * 0.7), fill=rng.choice(("#f2f2ee", "#c7d66d", "#d98c5f", "#8d6bb0")))


_SUBJECTS = {
    "cover": _cover, "rail": _rail, "bin": _bin, "tree": _tree, "rubbish": _rubbish, "poster": _poster,
    "rubble": _rubble, "bikes": _bikes, "cable": _cable, "water": _water,
}  # fmt: skip
