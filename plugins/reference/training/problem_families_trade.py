"""Problem families about buying, selling, saving and percentages."""

from __future__ import annotations

from problem_templates import Family

FAMILIES: tuple[Family, ...] = (
    Family(
        name="shopping_total",
        draw="n=2..15 p=2..25",
        stories=(
            "{Name} buys {n} {goods} for ${p} each.",
            "{Name} needs {n} {goods}. Each one costs ${p}.",
            "At the market, {goods} are sold for {p} dollars each. {Name} takes {n} of them.",
            "A shop sells {goods} at ${p} apiece, and {name} picks out {n}.",
            "{Name} orders {n} {goods}. The price of each is {p} dollars.",
            "The price of one of the {goods} is ${p}. {Name} wants {n} {goods}.",
        ),
        asks=(
            "How much does {he} pay?",
            "How many dollars does {name} spend?",
            "What is the total cost in dollars?",
            "How much money does {name} need?",
        ),
        steps=("The {goods} cost [total = n * p] dollars.",),
    ),
    Family(
        name="shopping_two_goods",
        draw="n=2..9 p=2..15 m=2..9 q=2..15",
        stories=(
            "{Name} buys {n} {goods} at ${p} each and {m} {moregoods} at ${q} each.",
            "{Name} pays for {n} {goods} and {m} {moregoods}. The {goods} are ${p} each and the "
            "{moregoods} are ${q} each.",
            "One of the {goods} costs {p} dollars and one of the {moregoods} costs {q} dollars. "
            "{Name} gets {n} {goods} and {m} {moregoods}.",
            "A shop charges ${p} for each of its {goods} and ${q} for each of its {moregoods}. "
            "{Name} takes {n} {goods} and {m} {moregoods}.",
        ),
        asks=(
            "How much does {he} spend in all?",
            "What does {name} pay in total?",
            "How many dollars does it cost altogether?",
        ),
        steps=(
            "The {goods} cost [first = n * p] dollars.",
            "The {moregoods} cost [second = m * q] dollars.",
            "Together that is [total = first + second] dollars.",
        ),
    ),
    Family(
        name="shopping_change",
        draw="n=2..9 p=2..12 bill=20|50|100",
        stories=(
            "{Name} buys {n} {goods} at ${p} each and pays with a ${bill} bill.",
            "{Name} has ${bill}. {He} buys {n} {goods} that cost ${p} each.",
            "With {bill} dollars in {his} pocket, {name} goes to a shop and buys {n} {goods} for "
            "{p} dollars each.",
            "{Goods} cost ${p} each. {Name} takes {n} of them and hands over ${bill}.",
        ),
        asks=(
            "How much money is left?",
            "How much change does {he} get?",
            "How many dollars does {name} have left?",
            "How many dollars does {name} get back?",
        ),
        steps=(
            "The {goods} cost [total = n * p] dollars.",
            "That leaves [left = bill - total] dollars.",
        ),
    ),
    Family(
        name="unit_price",
        draw="n=2..12 p=2..20 m=2..12",
        hidden="total=n*p",
        stories=(
            "{n} {goods} cost ${total}.",
            "{Name} paid {total} dollars for {n} {goods}.",
            "A pack of {n} {goods} costs ${total}.",
        ),
        asks=(
            "At the same price, how much do {m} {goods} cost?",
            "How many dollars would {m} {goods} cost at that price?",
            "What is the price of {m} {goods} at the same rate?",
        ),
        steps=("One costs [price = total / n] dollars.", "{m} cost [cost = price * m] dollars."),
    ),
    Family(
        name="profit",
        draw="n=3..12 p=2..15 q=4..25",
        stories=(
            "{Name} buys {n} {goods} for ${p} each and sells them for ${q} each.",
            "{Name} makes {goods}. Each one costs {p} dollars to make and is sold for {q} dollars. "
            "{Name} sells {n} {goods}.",
            "A shop gets {goods} at ${p} each and sells {n} of them at ${q} each.",
        ),
        asks=("What is the profit?", "How many dollars of profit is that?"),
        steps=(
            "The profit on each is [gain = q - p] dollars.",
            "In all the profit is [total = gain * n] dollars.",
        ),
    ),
    Family(
        name="percent_part",
        draw="n=20..400 r=5|10|20|25|30|40|50|60|75|80",
        stories=(
            "There are {n} {people} at {place}, and {r}% of them wear glasses.",
            "{Name} has {n} {item}, and {r}% of them are {color}.",
            "Of the {n} {item} in a {box}, {r} percent are {color}.",
            "{Name} picks {n} {item}. {R}% of them go to {friend}.",
            "A group has {n} {people}. {r} percent of them come by bus.",
        ),
        asks=("How many is that?", "How many are in that part?"),
        steps=("[scaled = n * r].", "[part = scaled / 100], so it is {part}."),
    ),
    Family(
        name="percent_discount",
        draw="n=20..300 r=5|10|20|25|30|40|50",
        stories=(
            "A lamp costs ${n}. It is on sale for {r}% off.",
            "{Name} wants a coat with a price of {n} dollars. There is a discount of {r} percent.",
            "The price of a bike is ${n}. Today the shop takes {r}% off.",
            "A bag was ${n}, but its price is cut by {r}%.",
        ),
        asks=(
            "How much does it cost now?",
            "What is the new price in dollars?",
            "How many dollars does {name} pay for it?",
        ),
        steps=(
            "[scaled = n * r].",
            "The discount is [cut = scaled / 100] dollars.",
            "The price is [price = n - cut] dollars.",
        ),
    ),
    Family(
        name="percent_rise",
        draw="n=20..400 r=5|10|20|25|30|40|50",
        stories=(
            "The rent of a room is ${n} and it goes up by {r}%.",
            "A ticket costs {n} dollars. Next year the price rises by {r} percent.",
            "{Name} earns ${n} a week and gets a raise of {r}%.",
            "The bill for a meal is ${n}, and {name} adds a tip of {r}%.",
        ),
        asks=("What is the new amount?", "How many dollars is it then?", "What is the amount now?"),
        steps=(
            "[scaled = n * r].",
            "The rise is [rise = scaled / 100] dollars.",
            "The new amount is [amount = n + rise] dollars.",
        ),
    ),
    Family(
        name="saving",
        draw="start=5..90 w=3..25 n=3..12",
        stories=(
            "{Name} has ${start} and saves ${w} every week for {n} weeks.",
            "{Name} starts with {start} dollars. Each week {he} puts away {w} dollars, for {n} "
            "weeks.",
            "There are ${start} in {name}'s bank. {He} adds ${w} a week for {n} weeks.",
        ),
        asks=(
            "How much does {he} have at the end?",
            "How many dollars does {name} have then?",
            "How much money is that in all?",
        ),
        steps=(
            "{Name} saves [saved = w * n] dollars.",
            "With the start that is [total = start + saved] dollars.",
        ),
    ),
    Family(
        name="saving_goal",
        draw="have=5..60 w=3..20 n=2..12",
        hidden="need=w*n goal=need+have",
        stories=(
            "{Name} wants a bike that costs ${goal}. {He} has ${have} and saves ${w} a week.",
            "A guitar costs {goal} dollars. {Name} already has {have} dollars and can save {w} "
            "dollars each week.",
            "{Name} needs ${goal} for a trip, has ${have} so far, and earns ${w} a week.",
        ),
        asks=(
            "How many weeks does it take?",
            "In how many weeks will {he} have enough?",
            "How many weeks must {name} wait?",
        ),
        steps=(
            "{Name} still needs [need = goal - have] dollars.",
            "That takes [weeks = need / w] weeks.",
        ),
    ),
    Family(
        name="wages",
        draw="p=8..25 n=2..9 d=2..6",
        stories=(
            "{Name} earns ${p} an hour and works {n} hours a day for {d} days.",
            "{Name} works {d} days, {n} hours each day, for {p} dollars an hour.",
            "A job pays ${p} per hour. {Name} does it for {n} hours on each of {d} days.",
        ),
        asks=("How much does {he} earn?", "How many dollars does {name} make in all?"),
        steps=(
            "{Name} works [hours = n * d] hours.",
            "{Name} earns [pay = p * hours] dollars.",
        ),
    ),
    Family(
        name="coins",
        draw="n=2..30 m=2..30 a=5|10 b=20|25|50",
        stories=(
            "{Name} has {n} coins of {a} cents and {m} coins of {b} cents.",
            "In a jar there are {n} {a}-cent coins and {m} {b}-cent coins.",
        ),
        asks=("How many cents is that in all?", "What are they worth in cents?"),
        steps=(
            "The {a}-cent coins are [first = n * a] cents.",
            "The {b}-cent coins are [second = m * b] cents.",
            "Together that is [total = first + second] cents.",
        ),
    ),
)
