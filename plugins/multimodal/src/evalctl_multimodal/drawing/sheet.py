"""A sheet that is drawn on, which remembers what is written where. Imports Pillow lazily."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from evalctl import Word

if TYPE_CHECKING:
    from pathlib import Path

WHITE, BLACK, GREY, BLUE, ORANGE, GREEN, RED, VIOLET = range(8)
"""Colours by their number in the palette."""
_PALETTE = (
    *((255, 255, 255), (0, 0, 0), (170, 170, 170), (46, 98, 176), (222, 128, 32)),
    *((62, 140, 74), (190, 52, 52), (124, 84, 160)),
)
SIGN = (6, 11)
"""Width and height of a sign in the font that Pillow has always had, in pixels."""


class Asked(NamedTuple):
    """A question about what is drawn."""

    question: str
    answers: tuple[str, ...]
    skill: str
    """`reading` or `reasoning`, as in `skills.py`."""


class Drawn(NamedTuple):
    """What was drawn, and what may be asked about it."""

    kind: str
    """`document` or `chart`."""
    sheet: Sheet
    asked: tuple[Asked, ...]


class Sheet:
    """A picture in eight colours, and the words on it."""

    def __init__(self, width: int, height: int) -> None:
        """Begin with a white one of so many pixels."""
        from PIL import Image, ImageDraw, ImageFont

        self.width, self.height = width, height
        self.words: list[Word] = []
        """In the order in which they were written."""
        self._image: Any = Image.new("P", (width, height), WHITE)
        self._image.putpalette([part for colour in _PALETTE for part in colour])
        self._draw = ImageDraw.Draw(self._image)
        self._font: Any = ImageFont.load_default_imagefont()

    def write(self, x: int, y: int, text: str, *, scale: int = 2, colour: int = BLACK) -> int:
        """Write a text with its upper left corner at a place; return where it ends.

        Args:
            x: Of the corner, in pixels from the left.
            y: Of the corner, in pixels from the top.
            text: ASCII, in one line.
            scale: Pixels for one of the font's.
            colour: Number of its colour.
        """
        from PIL import Image

        mask = self._font.getmask(text, "1")
        small = Image.frombytes("L", mask.size, bytes(mask))
        large = small.resize((small.width * scale, small.height * scale), Image.Resampling.NEAREST)
        self._image.paste(colour, (x, y, x + large.width, y + large.height), large)
        self._remember(x, y, text, scale)
        return x + large.width

    def write_right(self, x: int, y: int, text: str, *, scale: int = 2) -> None:
        """Write a text that ends at a place."""
        self.write(x - len(text) * SIGN[0] * scale, y, text, scale=scale)

    def write_centred(self, x: int, y: int, text: str, *, scale: int = 2) -> None:
        """Write a text with its middle at a place."""
        self.write(x - len(text) * SIGN[0] * scale // 2, y, text, scale=scale)

    def box(self, corners: tuple[int, int, int, int], colour: int) -> None:
        """Fill a rectangle: left, top, right and bottom in pixels."""
        self._draw.rectangle(corners, fill=colour)

    def line(self, points: list[tuple[int, int]], colour: int = BLACK, width: int = 2) -> None:
        """Draw a line through points."""
        self._draw.line(points, fill=colour, width=width)

    def slice_of_pie(
        self, corners: tuple[int, int, int, int], degrees: tuple[float, float], colour: int
    ) -> None:
        """Fill a part of the circle in a rectangle, clockwise from three o'clock."""
        self._draw.pieslice(corners, *degrees, fill=colour, outline=WHITE)

    def save(self, path: Path) -> None:
        """Write it as a PNG."""
        self._image.save(path, optimize=True)

    def pixels(self) -> bytes:
        """Return the colour of each pixel, row by row."""
        return bytes(self._image.tobytes())

    def _remember(self, x: int, y: int, text: str, scale: int) -> None:
        sign = SIGN[0] * scale
        at = 0
        for part in text.split(" "):
            if part:
                left, right = x + at * sign, x + (at + len(part)) * sign
                self.words.append(self._word(part, (left, y, right, y + SIGN[1] * scale)))
            at += len(part) + 1

    def _word(self, text: str, corners: tuple[int, int, int, int]) -> Word:
        left, top, right, bottom = corners
        box = (
            1000 * left // self.width,
            1000 * top // self.height,
            min(1000 * right // self.width, 1000),
            min(1000 * bottom // self.height, 1000),
        )
        return Word(text=text, box=box)
