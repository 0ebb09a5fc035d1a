"""Charts: bars, lines and pies, each with three questions."""

from __future__ import annotations

from random import Random

from evalctl_multimodal.drawing.sheet import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    RED,
    VIOLET,
    Asked,
    Drawn,
    Sheet,
)
from evalctl_multimodal.skills import READING, REASONING

_WIDTH, _HEIGHT = 640, 480
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 600, 110, 400
_COLOURS = (BLUE, ORANGE, GREEN, RED, VIOLET)
_CROPS = ("Wheat", "Maize", "Rice", "Barley", "Oats", "Rye", "Millet")
_CITIES = ("Oslo", "Quito", "Perth", "Lagos", "Turin", "Osaka")
_SOURCES = ("Wind", "Hydro", "Solar", "Coal", "Gas")


def draw_chart(number: int) -> Drawn:
    """Return the chart of that number; each third one is of the same kind."""
    draw = Random(f"chart {number}")
    return (_bars, _lines, _pie)[number % 3](draw)


def _bars(draw: Random) -> Drawn:
    sheet = Sheet(_WIDTH, _HEIGHT)
    year = draw.randrange(1990, 2024)
    sheet.write(_LEFT, 30, f"Harvest in {year} (kilotonnes)")
    names = draw.sample(_CROPS, 5)
    values = draw.sample(range(12, 98), 5)
    wide = (_RIGHT - _LEFT) // len(names)
    for place, (name, value) in enumerate(zip(names, values, strict=True)):
        left, middle = _LEFT + place * wide + 14, _LEFT + place * wide + wide // 2
        top = _height(value)
        sheet.box((left, top, left + wide - 28, _BOTTOM), BLUE)
        sheet.write_centred(middle, top - 26, str(value))
        sheet.write_centred(middle, _BOTTOM + 12, name)
    sheet.line([(_LEFT, _BOTTOM), (_RIGHT, _BOTTOM)])
    one, other = draw.sample(range(5), 2)
    apart = str(abs(values[one] - values[other]))
    asked = (
        Asked(f"What is the value for {names[one]}?", (str(values[one]),), READING),
        Asked("Which crop has the highest bar?", (names[values.index(max(values))],), REASONING),
        Asked(
            f"What is the difference between {names[one]} and {names[other]}?",
            (apart,),
            REASONING,
        ),
    )
    return Drawn("chart", sheet, asked)


def _lines(draw: Random) -> Drawn:
    sheet = Sheet(_WIDTH, _HEIGHT)
    cities = draw.sample(_CITIES, 2)
    first = draw.randrange(1995, 2015)
    years = [first + place for place in range(5)]
    values = [draw.sample(range(45, 96), 5), draw.sample(range(8, 40), 5)]
    sheet.write(_LEFT, 20, "Visitors (thousands)")
    for level in range(0, 101, 20):
        sheet.line([(_LEFT, _height(level)), (_RIGHT, _height(level))], GREY, 1)
        sheet.write_right(_LEFT - 8, _height(level) - 11, str(level))
    wide = (_RIGHT - _LEFT) // len(years)
    across = [_LEFT + place * wide + wide // 2 for place in range(5)]
    for x, year in zip(across, years, strict=True):
        sheet.write_centred(x, _BOTTOM + 12, str(year))
    for city, heights, colour, x in zip(cities, values, _COLOURS, (_LEFT, 300), strict=False):
        points = [(at, _height(value)) for at, value in zip(across, heights, strict=True)]
        sheet.line(points, colour, 4)
        for (at, y), value in zip(points, heights, strict=True):
            sheet.write_centred(at, y - 28, str(value))
        sheet.box((x, 64, x + 20, 84), colour)
        sheet.write(x + 30, 62, city)
    chosen = draw.randrange(5)
    peak = years[values[0].index(max(values[0]))]
    added = values[0][chosen] + values[1][chosen]
    asked = (
        Asked(
            f"How large is the value of {cities[1]} in {years[chosen]}?",
            (str(values[1][chosen]),),
            READING,
        ),
        Asked(f"In which year is the line of {cities[0]} highest?", (str(peak),), REASONING),
        Asked(
            f"What is the sum of both lines in {years[chosen]}?",
            (str(added),),
            REASONING,
        ),
    )
    return Drawn("chart", sheet, asked)


def _pie(draw: Random) -> Drawn:
    sheet = Sheet(_WIDTH, _HEIGHT)
    names = draw.sample(_SOURCES, 4)
    cuts = sorted(draw.sample(range(2, 19), 3))
    shares = [5 * (b - a) for a, b in zip((0, *cuts), (*cuts, 20), strict=True)]
    sheet.write(_LEFT, 30, "Electricity by source")
    begin = -90.0
    for place, (name, share) in enumerate(zip(names, shares, strict=True)):
        end = begin + 3.6 * share
        sheet.slice_of_pie((60, 100, 380, 420), (begin, end), _COLOURS[place])
        y = 130 + 50 * place
        sheet.box((420, y, 444, y + 24), _COLOURS[place])
        sheet.write(456, y, f"{name} {share}%")
        begin = end
    one, other = draw.sample(range(4), 2)
    asked = (
        Asked(f"What share does {names[one]} have?", (f"{shares[one]}%",), READING),
        Asked(
            f"What percentage do {names[one]} and {names[other]} have together?",
            (f"{shares[one] + shares[other]}%",),
            REASONING,
        ),
        Asked(
            f"Is the share of {names[one]} larger than that of {names[other]}?",
            ("Yes" if shares[one] > shares[other] else "No",),
            REASONING,
        ),
    )
    return Drawn("chart", sheet, asked)


def _height(value: int) -> int:
    """Return where a value up to 100 stands."""
    return _BOTTOM - value * (_BOTTOM - _TOP) // 100
