"""What is read out of lists and candidates; the texts are written for this test."""

from __future__ import annotations

import pytest

from evalctl_biomedical.listings import MOST_ITEMS, read_names

LISTS = [
    ("Answer:\n- insulin\n- glucagon", ["insulin", "glucagon"]),
    ("Answer:\n* insulin\n* glucagon\n", ["insulin", "glucagon"]),
    ("Answer:\n• insulin\n• glucagon", ["insulin", "glucagon"]),
    ("Answer:\n1. insulin\n2. glucagon", ["insulin", "glucagon"]),
    ("Answer:\n1) insulin\n2) glucagon", ["insulin", "glucagon"]),
    ("Answer:\n(1) insulin\n(2) glucagon", ["insulin", "glucagon"]),
    ("**Answer:**\n\n- **Insulin**\n- **Glucagon**", ["Insulin", "Glucagon"]),
    ("## Final answer:\n- insulin\n\n- glucagon", ["insulin", "glucagon"]),
    ("The pancreas makes:\n- water\n\nAnswer:\n- insulin", ["insulin"]),
    ("Answer:\n- insulin\n- glucagon\n\nThese are hormones.", ["insulin", "glucagon"]),
    ("Answer:\n- insulin\n- glucagon\nI hope that this helps.", ["insulin", "glucagon"]),
    ("Answer:\ninsulin\nglucagon", ["insulin", "glucagon"]),
    ("Answer:\ninsulin\nglucagon\n\nThese are hormones.", ["insulin", "glucagon"]),
    ("Answer: insulin, glucagon", ["insulin", "glucagon"]),
    ("Answer: insulin, glucagon and somatostatin.", ["insulin", "glucagon", "somatostatin"]),
    ("Answer: insulin, glucagon, and somatostatin", ["insulin", "glucagon", "somatostatin"]),
    ("Answer: insulin and glucagon", ["insulin", "glucagon"]),
    (
        "Answer: insulin; glucagon; head and neck cancer",
        ["insulin", "glucagon", "head and neck cancer"],
    ),
    ("Answer: IL-2 (interleukin 2, T), IL-6", ["IL-2 (interleukin 2, T)", "IL-6"]),
    ("Answer: 1,2-dichloroethane, benzene", ["1,2-dichloroethane", "benzene"]),
    ("Answer: 1. insulin 2. glucagon", ["insulin", "glucagon"]),
    ('Answer: ["insulin", "glucagon"]', ["insulin", "glucagon"]),
    ('Answer:\n```json\n["insulin", "glucagon"]\n```', ["insulin", "glucagon"]),
    ('[["insulin", "INS"], ["glucagon"]]', ["insulin", "glucagon"]),
    ("insulin, glucagon", ["insulin", "glucagon"]),
    ("The hormones are as follows.\n- insulin\n- glucagon", ["insulin", "glucagon"]),
    ("- first thought\n\nNo, wrong.\n\n- insulin\n- glucagon\n", ["insulin", "glucagon"]),
    (
        "The answer is insulin and glucagon. They are made in islets.\nMore.",
        ["insulin", "glucagon"],
    ),
    ("Answer:\n- insulin\n- Insulin\n- glucagon", ["insulin", "glucagon"]),
    ("Answer: “insulin”, 'glucagon'", ["insulin", "glucagon"]),
    ("Answers: insulin, glucagon", ["insulin", "glucagon"]),
    ("Answer (list): insulin", ["insulin"]),
    ("Answer: yes\nAnswer: insulin", ["insulin"]),
    ("", []),
    ("\n\n", []),
    ("Answer:", []),
    ("It is a long story.\nIt has no list at all.", []),
    ("x" * 301, []),
    ("[1, 2", ["[1, 2"]),
    ("[" * 5000, []),
]
CANDIDATES = [
    ("Answer: beta cells", ["beta cells"]),
    (
        "Answer: The beta cells of the pancreas, of course",
        ["The beta cells of the pancreas, of course"],
    ),
    ("Answer: beta cells; alpha cells", ["beta cells", "alpha cells"]),
    ("Answer:\n- beta cells\n- alpha cells", ["beta cells", "alpha cells"]),
    ("Candidates:\n1. beta cells\n2. alpha cells", ["beta cells", "alpha cells"]),
    ("Answer: head and neck", ["head and neck"]),
    ("Beta cells.", ["Beta cells"]),
    ("The answer is beta cells. They make insulin.\nMore.", ["beta cells"]),
    ("Answer: **GDF15**", ["GDF15"]),
    ("Answer: 95 %", ["95 %"]),
    ("It is known.\n\nAnswer: `TP53`.\n\nTP53 guards the genome.", ["TP53"]),
]


@pytest.mark.parametrize(("text", "names"), LISTS)
def test_lists_are_read(text: str, names: list[str]) -> None:
    assert list(read_names(text, is_list=True)) == names


@pytest.mark.parametrize(("text", "names"), CANDIDATES)
def test_candidates_are_read_and_not_divided_at_commas(text: str, names: list[str]) -> None:
    assert list(read_names(text, is_list=False)) == names


def test_a_list_has_an_end() -> None:
    text = "Answer:\n" + "\n".join(f"- name {number}" for number in range(1000))
    assert len(read_names(text, is_list=True)) == MOST_ITEMS
