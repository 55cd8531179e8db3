"""Photos as a phone's camera makes them, each with a number that can be read from the picture."""

import io
from datetime import datetime
from functools import cache
from pathlib import Path

from PIL import ExifTags, Image, ImageDraw

BITS = 12
SIZES = ((1600, 1200), (1600, 1200), (1600, 1200), (2400, 1800))  # every fourth is made smaller on the phone


@cache
def _ground(size: tuple[int, int]) -> Image.Image:
    """Grain that JPEG cannot make small: some 400 KB."""
    grain = Image.effect_noise(size, 38)
    return Image.merge("RGB", (grain, grain.rotate(180), grain))


def _blocks(size: tuple[int, int]) -> list[tuple[int, int, int, int]]:
    side = size[0] // (BITS + 2)
    return [(side * (bit + 1), side, side * (bit + 2), side * 2) for bit in range(BITS)]


def numbered(number: int, taken_at: datetime) -> bytes:
    """A JPEG of 300–800 KB with EXIF (moment, place, maker); its number stands in it as a row of black and white."""
    size = SIZES[number % len(SIZES)]
    image = _ground(size).copy()
    draw = ImageDraw.Draw(image)
    for bit, box in enumerate(_blocks(size)):
        draw.rectangle(box, fill="white" if number >> bit & 1 else "black")
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Wangge"
    exif[ExifTags.Base.DateTime] = taken_at.strftime("%Y:%m:%d %H:%M:%S")
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = taken_at.strftime("%Y:%m:%d %H:%M:%S")
    exif.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: (31.0, 13.0, 49.0), 3: "E", 4: (121.0, 28.0, 25.0)})
    out = io.BytesIO()
    image.save(out, "JPEG", quality=70, exif=exif)
    return out.getvalue()


def number_of(path: Path) -> int:
    """The number in a photo, however it was made smaller since."""
    with Image.open(path) as image:
        grey = image.convert("L")
    number = 0
    for bit, (left, top, right, bottom) in enumerate(_blocks(grey.size)):
        number |= (grey.getpixel(((left + right) // 2, (top + bottom) // 2)) > 128) << bit
    return number
