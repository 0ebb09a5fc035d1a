"""Documents: invoices, departure boards and memos, each with three questions."""

from __future__ import annotations

from random import Random

from evalctl_multimodal.drawing.sheet import GREY, Asked, Drawn, Sheet
from evalctl_multimodal.skills import READING, REASONING

_WIDTH, _HEIGHT = 640, 800
_LEFT, _RIGHT = 40, 600

_FIRMS = ("Harbour Tools", "North Lamp Works", "Elm Street Paper", "Granite Supplies")
_GOODS = ("brackets", "lamps", "hinges", "envelopes", "valves", "ladders", "brushes", "folders")
_TOWNS = ("Aldford", "Brimley", "Corven", "Dunmore", "Eastwick", "Farlow", "Grenfield", "Holt")
_PEOPLE = ("M. Okafor", "L. Brandt", "S. Ivanova", "P. Castillo", "R. Tanaka", "E. Lindqvist")
_ROOMS = ("Cedar", "Maple", "Birch", "Willow")
_SUBJECTS = ("Budget review", "Fire drill", "New printers", "Summer schedule")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
_MONTHS = ("January", "March", "May", "July", "September", "November")


def draw_page(number: int) -> Drawn:
    """Return the document of that number; each third one is of the same kind."""
    draw = Random(f"page {number}")
    return (_invoice, _departures, _memo)[number % 3](draw)


def _invoice(draw: Random) -> Drawn:
    sheet = Sheet(_WIDTH, _HEIGHT)
    firm = draw.choice(_FIRMS)
    code = f"INV-{draw.randrange(1000, 9999)}"
    date = f"{draw.randrange(1, 28)} {draw.choice(_MONTHS)} {draw.randrange(1996, 2024)}"
    sheet.write(_LEFT, 40, firm, scale=3)
    sheet.write(_LEFT, 100, f"Invoice number: {code}")
    sheet.write(_LEFT, 130, f"Date: {date}")
    heading = 200
    for x, text in ((_LEFT, "Item"), (260, "Quantity"), (400, "Amount")):
        sheet.write(x, heading, text)
    sheet.line([(_LEFT, heading + 28), (_RIGHT, heading + 28)])
    goods = draw.sample(_GOODS, draw.randrange(3, 6))
    amounts = [100 * draw.randrange(2, 90) + draw.randrange(100) for _ in goods]
    for row, (item, cents) in enumerate(zip(goods, amounts, strict=True)):
        y = heading + 44 + 34 * row
        sheet.write(_LEFT, y, item)
        sheet.write(260, y, str(draw.randrange(2, 60)))
        sheet.write(400, y, _money(cents))
    end = heading + 60 + 34 * len(goods)
    sheet.line([(_LEFT, end), (_RIGHT, end)])
    total = _money(sum(amounts))
    sheet.write(_LEFT, end + 16, "Total due:")
    sheet.write(400, end + 16, total)
    dearest = goods[amounts.index(max(amounts))]
    asked = (
        Asked("What is the invoice number?", (code,), READING),
        Asked("What is the total amount due?", (total,), READING),
        Asked("Which item has the largest amount?", (dearest,), REASONING),
    )
    return Drawn("document", sheet, asked)


def _departures(draw: Random) -> Drawn:
    sheet = Sheet(_WIDTH, _HEIGHT)
    station = draw.choice(_TOWNS)
    sheet.write(_LEFT, 40, f"{station} departures", scale=3)
    sheet.box((_LEFT, 100, _RIGHT, 132), GREY)
    for x, text in ((_LEFT + 8, "Time"), (180, "To"), (420, "Platform")):
        sheet.write(x, 106, text)
    towns = draw.sample([town for town in _TOWNS if town != station], draw.randrange(4, 7))
    minutes = sorted(draw.sample(range(6 * 60, 20 * 60, 5), len(towns)))
    platforms = [str(draw.randrange(1, 12)) for _ in towns]
    times = [f"{at // 60:02}:{at % 60:02}" for at in minutes]
    for row, (time, town, platform) in enumerate(zip(times, towns, platforms, strict=True)):
        y = 150 + 40 * row
        sheet.write(_LEFT + 8, y, time)
        sheet.write(180, y, town)
        sheet.write(420, y, platform)
    chosen = draw.randrange(len(towns))
    early = sum(at < 12 * 60 for at in minutes)
    asked = (
        Asked(f"At what time does the train to {towns[chosen]} leave?", (times[chosen],), READING),
        Asked(
            f"From which platform does the train to {towns[chosen]} leave?",
            (platforms[chosen], f"platform {platforms[chosen]}"),
            READING,
        ),
        Asked("How many trains leave before 12:00?", (str(early),), REASONING),
    )
    return Drawn("document", sheet, asked)


def _memo(draw: Random) -> Drawn:
    sheet = Sheet(_WIDTH, _HEIGHT)
    writer, reader, other = draw.sample(_PEOPLE, 3)
    subject, room, day = draw.choice(_SUBJECTS), draw.choice(_ROOMS), draw.choice(_DAYS)
    hour = f"{draw.randrange(8, 18)}:{draw.choice(('00', '15', '30', '45'))}"
    sheet.write(_LEFT, 40, "MEMORANDUM", scale=3)
    for row, text in enumerate((f"From: {writer}", f"To: {reader}", f"Subject: {subject}")):
        sheet.write(_LEFT, 110 + 32 * row, text)
    sheet.line([(_LEFT, 215), (_RIGHT, 215)])
    for row, text in enumerate(
        (
            "Please note that we meet to talk about",
            f"this on {day} at {hour} in the",
            f"{room} room. Bring your copy of the",
            "last report with you.",
        )
    ):
        sheet.write(_LEFT, 240 + 32 * row, text)
    addressed = draw.choice((reader, other))
    verdict = "Yes" if addressed == reader else "No"
    asked = (
        Asked("Who wrote the memo?", (writer,), READING),
        Asked("At what time is the meeting?", (hour, f"at {hour}"), READING),
        Asked(f"Is the memo addressed to {addressed}?", (verdict,), REASONING),
    )
    return Drawn("document", sheet, asked)


def _money(cents: int) -> str:
    return f"${cents // 100:,}.{cents % 100:02}"
