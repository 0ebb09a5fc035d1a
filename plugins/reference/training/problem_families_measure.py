"""Problem families about time, distance, ages, rates, shapes and units."""

from __future__ import annotations

from problem_templates import Family

FAMILIES: tuple[Family, ...] = (
    Family(
        name="distance",
        draw="v=3..90 h=2..9",
        stories=(
            "A {vehicle} travels at {v} miles per hour for {h} hours.",
            "{Name} drives {h} hours at a steady {v} kilometers an hour.",
            "It takes {h} hours to get from {town} to {city} at {v} miles an hour.",
        ),
        asks=("How far is that?", "What is the distance?", "How long is the way?"),
        steps=("The distance is [way = v * h].",),
    ),
    Family(
        name="travel_time",
        draw="v=3..60 h=2..12",
        hidden="way=v*h",
        stories=(
            "A {vehicle} goes {v} miles in an hour. The way to {town} is {way} miles.",
            "{City} is {way} kilometers away. {Name} rides at {v} kilometers per hour.",
        ),
        asks=("How many hours does it take?", "How long does the trip take in hours?"),
        steps=("It takes [hours = way / v] hours.",),
    ),
    Family(
        name="two_legs",
        draw="v=5..60 h=2..6 w=5..60 k=2..6",
        stories=(
            "{Name} drives {h} hours at {v} miles per hour and then {k} hours at {w} miles per "
            "hour.",
            "A {vehicle} goes {v} miles an hour for {h} hours, and after a rest {w} miles an hour "
            "for {k} hours.",
        ),
        asks=("How far is that in all?", "How many miles is the whole way?"),
        steps=(
            "The first part is [first = v * h] miles.",
            "The second part is [second = w * k] miles.",
            "In all it is [total = first + second] miles.",
        ),
    ),
    Family(
        name="round_trips",
        draw="way=2..30 n=2..7",
        stories=(
            "{Name} lives {way} miles from work and drives there and back on {n} days.",
            "The way from {town} to {city} is {way} miles. A {vehicle} makes {n} round trips.",
        ),
        asks=("How many miles is that in all?", "How many miles are driven altogether?"),
        steps=("One round trip is [trip = way * 2] miles.", "In all it is [total = trip * n]."),
    ),
    Family(
        name="distance_left",
        draw="way=40..400 a=5..90 b=5..90",
        stories=(
            "The road from {town} to {city} is {way} miles long. {Name} drives {a} miles, rests, "
            "and drives {b} more miles.",
            "{Name} has a trip of {way} miles to make. {He} does {a} miles on the first day and "
            "{b} miles on the second.",
        ),
        asks=("How many miles are left?", "How much farther is it?"),
        steps=("So far it is [done = a + b] miles.", "There are [left = way - done] miles left."),
    ),
    Family(
        name="work_rate",
        draw="n=2..12 r=2..40 h=2..9",
        stories=(
            "A machine makes {r} {item} an hour. There are {n} such machines, and they run for "
            "{h} hours.",
            "{n} {people} each make {r} {item} an hour and work for {h} hours.",
        ),
        asks=("How many {item} are made?", "How many {item} is that in all?"),
        steps=("In an hour they make [rate = r * n] {item}.", "In all [total = rate * h]."),
    ),
    Family(
        name="single_rate",
        draw="r=2..60 t=2..12",
        stories=(
            "{Name} reads {r} pages a day for {t} days.",
            "A machine makes {r} {item} every hour and runs for {t} hours.",
            "Each day {place} uses {r} liters of water, and it is open {t} days.",
            "{Name} does {r} push-ups every morning for {t} mornings.",
            "A pump moves {r} liters a minute for {t} minutes.",
        ),
        asks=("How many is that in all?", "How many is that altogether?", "What is the total?"),
        steps=("In all it is [total = r * t].",),
    ),
    Family(
        name="rate_from_total",
        draw="r=2..30 t=2..12 u=2..12",
        hidden="total=r*t",
        stories=(
            "{Name} reads {total} pages in {t} hours, the same number each hour.",
            "A machine fills {total} bottles in {t} hours.",
            "{Name} picks {total} {item} in {t} hours at a steady pace.",
            "A pump moves {total} liters in {t} hours.",
        ),
        asks=(
            "At this rate, how many is it in {u} hours?",
            "How many is it in {u} hours at the same pace?",
        ),
        steps=("In an hour it is [rate = total / t].", "In {u} hours it is [amount = rate * u]."),
    ),
    Family(
        name="pages_left",
        draw="p=3..40 d=2..12 left=5..150",
        hidden="read=p*d total=read+left",
        stories=(
            "A book has {total} pages. {Name} reads {p} pages a day for {d} days.",
            "{Name} reads {p} pages of a book every day. The book is {total} pages long, and {he} "
            "has read for {d} days.",
        ),
        asks=("How many pages are left?", "How many pages does {name} still have to read?"),
        steps=("{Name} reads [read = p * d] pages.", "There are [left = total - read] left."),
    ),
    Family(
        name="age_later",
        plain=True,
        draw="a=4..50 k=2..30 y=2..20",
        stories=(
            "{Name} is {a} years old. {Friend} is {k} years older.",
            "{Friend} is {k} years older than {name}, who is {a}.",
        ),
        asks=(
            "How old will {friend} be in {y} years?",
            "What will be the age of {friend} in {y} years?",
        ),
        steps=("{Friend} is [now = a + k] now.", "In {y} years it is [then = now + y]."),
    ),
    Family(
        name="age_times",
        plain=True,
        draw="a=4..25 k=2..5 y=2..9",
        stories=(
            "{Name} is {a} years old. {Friend} is {k} times as old.",
            "{Friend} is {k} times as old as {name}, who is {a}.",
        ),
        asks=(
            "How old was {friend} {y} years ago?",
            "What was the age of {friend} {y} years ago?",
        ),
        steps=("{Friend} is [now = a * k] now.", "{y} years ago it was [then = now - y]."),
    ),
    Family(
        name="age_sum",
        plain=True,
        draw="a=4..40 k=2..20 y=2..10",
        stories=(
            "{Name} is {a} years old and {friend} is {k} years younger.",
            "{Friend} is {k} years younger than {name}. {Name} is {a} years old.",
        ),
        asks=("What is the sum of their ages?", "How old are they together?"),
        steps=("{Friend} is [b = a - k].", "Together they are [total = a + b]."),
    ),
    Family(
        name="convert_time",
        draw="h=2..9 m=2..58",
        stories=(
            "A film lasts {h} hours and {m} minutes.",
            "{Name} walks for {h} hours and {m} minutes.",
            "The ride from {town} to {city} takes {h} hours and {m} minutes.",
        ),
        asks=("How many minutes is that?", "How long is that in minutes?"),
        steps=("The hours are [hours = h * 60] minutes.", "In all [total = hours + m] minutes."),
    ),
    Family(
        name="convert_weeks",
        draw="w=2..12 d=2..6",
        stories=(
            "{Name} is away for {w} weeks and {d} days.",
            "A course lasts {w} weeks and {d} days.",
            "There are {w} weeks and {d} days until the holidays.",
        ),
        asks=("How many days is that?", "How long is that in days?"),
        steps=("The weeks are [weeks = w * 7] days.", "In all [total = weeks + d] days."),
    ),
    Family(
        name="convert_dozen",
        draw="n=2..12 k=2..40",
        stories=(
            "{Name} buys {n} dozen {item} and uses {k} of them.",
            "There are {n} dozen {item} in {place}. {k} {item} are taken away.",
        ),
        asks=("How many {item} are left?", "How many {item} remain?"),
        steps=("{n} dozen is [all = n * 12] {item}.", "That leaves [left = all - k] {item}."),
    ),
    Family(
        name="convert_length",
        draw="k=2..12 q=2..20",
        hidden="total=k*q",
        stories=(
            "A rope is {total} feet long. {Name} cuts it into {k} equal pieces.",
            "{Name} has {total} feet of ribbon and makes {k} strips of the same length.",
        ),
        asks=("How many inches long is each?", "What is the length of each in inches?"),
        steps=("Each is [feet = total / k] feet.", "That is [inches = feet * 12] inches."),
    ),
    Family(
        name="rectangle_area",
        draw="a=2..40 b=2..12",
        stories=(
            "A garden is {a} feet long and {b} feet wide.",
            "{Name} tiles a floor that is {b} meters wide and {a} meters long.",
            "A rectangle has sides of {a} and {b} meters.",
        ),
        asks=("What is its area?", "How large is the area?"),
        steps=("The area is [area = a * b].",),
    ),
    Family(
        name="rectangle_fence",
        draw="a=5..90 b=3..60",
        stories=(
            "A garden is {a} feet long and {b} feet wide. {Name} puts a fence around it.",
            "A field is {a} meters long and {b} meters wide. {Name} walks once around it.",
        ),
        asks=("How long is the way around?", "What is the perimeter?"),
        steps=("Two sides are [side = a + b].", "All the way around is [total = side * 2]."),
    ),
)
