"""Problem families about groups, sharing, fractions and comparisons."""

from __future__ import annotations

from problem_templates import Family

FAMILIES: tuple[Family, ...] = (
    Family(
        name="equal_groups",
        draw="n=2..12 m=2..60",
        stories=(
            "There are {n} {boxes} with {m} {item} each.",
            "{Name} has {n} {boxes}. Each {box} holds {m} {item}.",
            "{Name} fills {n} {boxes} and puts {m} {item} in each {box}.",
            "{Name} counts {m} {item} in every {box}. There are {n} {boxes}.",
            "{N} {people} bring {m} {item} each.",
        ),
        asks=("How many {item} are there in all?", "How many {item} is that altogether?"),
        steps=("There are [total = n * m] {item}.",),
    ),
    Family(
        name="groups_and_loose",
        draw="n=2..12 m=2..40 k=2..60",
        stories=(
            "{Name} has {n} {boxes} of {m} {item} and {k} loose {item}.",
            "There are {m} {item} in each of {n} {boxes}, and {k} more {item} lie on the floor.",
            "{Name} packs {n} {boxes} with {m} {item} each. {k} {item} do not fit.",
        ),
        asks=("How many {item} are there in all?", "How many {item} does {name} have altogether?"),
        steps=(
            "In the {boxes} there are [first = n * m] {item}.",
            "In all there are [total = first + k] {item}.",
        ),
    ),
    Family(
        name="groups_less_some",
        draw="n=2..12 m=3..40 k=2..60",
        stories=(
            "{Name} has {n} {boxes} with {m} {item} each. {K} of the {item} are broken.",
            "There are {n} {boxes} of {m} {item}. {Name} gives away {k} {item}.",
            "{Place} gets {n} {boxes} of {item}, {m} to a {box}, and sells {k} of the {item}.",
        ),
        asks=("How many {item} are left?", "How many good {item} remain?"),
        steps=(
            "At first there are [all = n * m] {item}.",
            "That leaves [left = all - k] {item}.",
        ),
    ),
    Family(
        name="sharing",
        draw="n=2..12 each=2..40",
        hidden="total=n*each",
        stories=(
            "{Name} shares {total} {item} equally among {n} {people}.",
            "{n} {people} split {total} {item} equally.",
            "{Name} puts {total} {item} into {n} {boxes}, the same number in each.",
            "{total} {item} are divided evenly between {n} {people}.",
        ),
        asks=("How many {item} go to each?", "How many {item} is that for each one?"),
        steps=("Each gets [each = total / n] {item}.",),
    ),
    Family(
        name="boxes_needed",
        draw="m=2..12 n=2..40",
        hidden="total=n*m",
        stories=(
            "{Name} packs {total} {item} into {boxes} of {m}.",
            "Each {box} holds {m} {item}. {Name} has {total} {item}.",
            "{Place} has {total} {item} and puts {m} {item} in each {box}.",
        ),
        asks=("How many {boxes} does that fill?", "How many {boxes} are needed?"),
        steps=("It takes [boxes_needed = total / m] {boxes}.",),
    ),
    Family(
        name="share_after_loss",
        draw="n=2..10 each=2..30 k=2..40",
        hidden="rest=n*each total=rest+k",
        stories=(
            "{Name} has {total} {item}. {He} keeps {k} and shares the rest equally among {n} "
            "{people}.",
            "Of {total} {item}, {k} are spoiled. The others are split evenly between {n} {people}.",
            "{Name} bakes {total} cookies, eats {k}, and divides the rest equally among {n} "
            "{people}.",
        ),
        asks=("How many does each one get?", "How many does each of them receive?"),
        steps=("There are [rest = total - k] to share.", "Each gets [each = rest / n]."),
    ),
    Family(
        name="share_joint",
        draw="a=10..90 b=10..90 n=2..9",
        stories=(
            "{Name} has {a} {item} and {friend} has {b} {item}. They put them together and share "
            "them equally among {n} {people}.",
            "{Name} brings {a} {item} and {friend} brings {b}. All of them go evenly into {n} "
            "{boxes}.",
        ),
        asks=("How many {item} go to each?", "How many {item} is that for each one?"),
        steps=("Together there are [all = a + b] {item}.", "Each gets [each = all / n] {item}."),
    ),
    Family(
        name="fraction_of_group",
        draw="d=2..10 q=2..40",
        hidden="total=d*q",
        stories=(
            "{Name} has {total} {item}. {He} gives 1/{d} of them to {friend}.",
            "There are {total} {people} at {place}. 1/{d} of them go home.",
            "1/{d} of the {total} {item} in a {box} are {color}.",
        ),
        asks=("How many is that?", "How many are in that part?"),
        steps=("1/{d} of {total} is [part = total / d].",),
    ),
    Family(
        name="fraction_left",
        draw="d=2..8 q=2..30",
        hidden="total=d*q",
        stories=(
            "{Name} has {total} {item} and gives away 1/{d} of them.",
            "A {box} holds {total} {item}. {Name} takes out 1/{d} of the {item}.",
            "{Name} sells 1/{d} of {his} {total} {item}.",
        ),
        asks=("How many {item} are left?", "How many {item} remain?"),
        steps=("1/{d} of {total} is [part = total / d].", "That leaves [left = total - part]."),
    ),
    Family(
        name="several_parts",
        draw="d=3..8 k=2..5 q=2..20",
        hidden="total=d*q check=d-k",
        stories=(
            "{k}/{d} of the {total} {people} at {place} walk home.",
            "{Name} has {total} {item}, and {k}/{d} of them are {color}.",
            "{Name} reads {k}/{d} of a book with {total} pages.",
        ),
        asks=("How many is that?", "How many are in that part?"),
        steps=("1/{d} of {total} is [one = total / d].", "{k}/{d} is [part = one * k]."),
    ),
    Family(
        name="half_and_more",
        draw="half=3..60 k=2..40",
        hidden="total=half*2",
        stories=(
            "{Name} has {total} {item}. {He} gives half of them to {friend} and then loses {k}.",
            "There are {total} {item} in a {box}. {Name} takes half of them, and {friend} takes "
            "{k} of the rest.",
            "{Name} sells half of {his} {total} {item} in the morning and {k} more later.",
        ),
        asks=("How many {item} are left?", "How many {item} remain?"),
        steps=("Half of {total} is [half = total / 2].", "That leaves [left = half - k]."),
    ),
    Family(
        name="times_as_many",
        draw="a=2..60 k=2..9",
        stories=(
            "{Name} has {a} {item}. {Friend} has {k} times as many.",
            "{Friend} has {k} times as many {item} as {name}, who has {a}.",
            "{Name} finds {a} {item}, and {friend} finds {k} times that number.",
        ),
        asks=("How many {item} do they have together?", "How many {item} is that in total?"),
        steps=(
            "{Friend} has [more = a * k] {item}.",
            "Together they have [total = a + more] {item}.",
        ),
    ),
    Family(
        name="more_than",
        draw="a=5..120 k=2..60",
        stories=(
            "{Name} has {a} {item}. {Friend} has {k} more than {name}.",
            "{Friend} has {k} more {item} than {name}, and {name} has {a}.",
            "{Name} collects {a} {item}, while {friend} collects {k} more than that.",
        ),
        asks=("How many {item} do they have together?", "How many {item} is that in total?"),
        steps=("{Friend} has [b = a + k] {item}.", "Together they have [total = a + b] {item}."),
    ),
    Family(
        name="fewer_than",
        draw="a=10..150 k=2..60",
        stories=(
            "{Name} has {a} {item}. {Friend} has {k} fewer than {name}.",
            "{Friend} has {k} fewer {item} than {name}, and {name} has {a}.",
            "{Name} collects {a} {item}, while {friend} collects {k} less than that.",
        ),
        asks=("How many {item} do they have together?", "How many {item} is that in total?"),
        steps=("{Friend} has [b = a - k] {item}.", "Together they have [total = a + b] {item}."),
    ),
    Family(
        name="difference",
        draw="a=10..300 b=5..200",
        stories=(
            "{Name} has {a} {item} and {friend} has {b} {item}.",
            "There are {a} {color} {item} and {b} {shade} {item}.",
            "On Monday {name} counts {a} {item}, and on Tuesday {b} {item}.",
        ),
        asks=(
            "How much larger is the first number?",
            "What is the difference between the two numbers?",
        ),
        steps=("The difference is [gap = a - b].",),
    ),
)
