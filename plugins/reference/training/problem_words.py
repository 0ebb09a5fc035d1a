"""Names, objects and filler sentences that the problem families draw from.

Only word lists live here; how they are put into sentences is in `problem_templates`.
"""

from __future__ import annotations


def _split(text: str) -> tuple[str, ...]:
    return tuple(text.split())


WOMEN: tuple[str, ...] = _split(
    "Ada Amara Anna Beatriz Carla Chloe Dana Elena Emma Fatima Grace Hana Helen Ines Ivy Julia "
    "Kira Laila Lena Lucy Maria Mei Mina Nadia Nora Olga Priya Rosa Ruth Sara Tess Zoe"
)
MEN: tuple[str, ...] = _split(
    "Adam Ahmed Ben Carlos Daniel David Erik Felix George Hugo Ivan Jack Jonas Karim Kofi Leo "
    "Liam Luis Marco Max Mike Noah Omar Oscar Paul Peter Raj Sam Theo Tom Victor Yusuf"
)

ITEMS: tuple[str, ...] = _split(
    "apples oranges pears plums lemons eggs cookies muffins cakes rolls pencils pens notebooks "
    "books stamps stickers coins shells marbles beads buttons cards toys balls flowers roses "
    "tulips seeds plants candles cups plates bottles tickets badges photos stones bricks tiles "
    "nails screws ribbons socks shirts hats kites puzzles peaches carrots onions tomatoes"
)
GOODS: tuple[str, ...] = _split(
    "apples lemons muffins sandwiches pencils notebooks books pens toys balls candles cups "
    "plates hats shirts scarves tickets posters plants lamps chairs bags brushes puzzles pies "
    "mugs games bowls towels batteries"
)
CONTAINERS: tuple[tuple[str, str], ...] = tuple(
    (pair.split(":")[0], pair.split(":")[1])
    for pair in _split(
        "box:boxes bag:bags basket:baskets crate:crates jar:jars packet:packets tray:trays "
        "tin:tins bucket:buckets carton:cartons drawer:drawers sack:sacks case:cases"
    )
)
PEOPLE: tuple[str, ...] = _split(
    "children friends students pupils players visitors neighbors cousins guests workers "
    "campers teachers"
)
PLACES: tuple[str, ...] = (
    "a shop",
    "a school",
    "a library",
    "a museum",
    "a farm",
    "a bakery",
    "a club",
    "a market",
    "a camp",
    "a factory",
    "a town hall",
    "a theater",
)
TOWNS: tuple[str, ...] = _split(
    "Ashford Brookfield Clearwater Dunmore Eastvale Fairview Greenhill Hazelton Kingsley "
    "Lakeside Millbrook Norwood Oakdale Pinecrest Riverton Stonebridge"
)
COLORS: tuple[tuple[str, str], ...] = (
    ("red", "blue"),
    ("green", "yellow"),
    ("white", "black"),
    ("blue", "green"),
    ("yellow", "red"),
    ("big", "small"),
    ("old", "new"),
    ("round", "square"),
)
VEHICLES: tuple[str, ...] = _split("train bus car truck boat cyclist van ferry")
DISTRACTORS: tuple[str, ...] = (
    "{Name} is {age} years old.",
    "{Name} has {few} cousins.",
    "It is {age} degrees outside.",
    "{Name} lives in house number {age}.",
    "The day before, it rained for {few} hours.",
    "{Name} has known {friend} for {few} years.",
    "{Name} woke up at {few} o'clock.",
    "{Friend} is {age} years old.",
    "There are {few} clouds in the sky.",
    "{Name} has {few} cats at home.",
)
OPENERS: tuple[str, ...] = (
    "It is Monday.",
    "It is a sunny day.",
    "On Saturday, everyone is busy.",
    "Here is a small puzzle.",
    "Summer has just begun.",
    "{Name} loves numbers.",
    "{Name} and {friend} are good friends.",
)
