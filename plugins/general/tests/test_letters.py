from __future__ import annotations

from evalctl import Completion, Sample
from evalctl_general.letters import judge_letter

CHOICES = ("steam", "ice", "sand", "glass")


def test_an_unreadable_answer_is_a_zero_without_an_answer() -> None:
    sample = Sample(id="1", input="?", target="B", choices=CHOICES)

    right, wrong, unread = (
        judge_letter(sample, Completion(text=text)) for text in ("Answer: B", "Answer: C", "?")
    )

    assert (right.value, right.answer) == (1.0, "B")
    assert (wrong.value, wrong.answer) == (0.0, "C")
    assert (unread.value, unread.answer) == (0.0, None)
