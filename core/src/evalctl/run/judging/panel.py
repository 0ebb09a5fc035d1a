"""One judge after the other: each is loaded once, and what one of them fails on ends no other."""

from __future__ import annotations

from collections.abc import Sequence

from evalctl.errors import EngineError, UsageError
from evalctl.run.asking import opened
from evalctl.run.judging.rounds import Round
from evalctl.run.observer import listener_of


def judge_all(rounds: Sequence[Round]) -> list[str]:
    """Have all judges read what they have not judged; return what went wrong with which of them.

    What is written is counted later: see `counting.py`.

    Raises:
        BudgetSpentError: The run may not spend what the next verdict can cost.
        StorageError: The disk is full, or gone.
    """
    problems = []
    for name in dict.fromkeys(one.judge.name for one in rounds):
        own = [one for one in rounds if one.judge.name == name]
        try:
            _judge(own)
        except (EngineError, UsageError) as error:
            problems.append(f"judge {name}: {error}")
    return problems


def _judge(rounds: Sequence[Round]) -> None:
    """Have one judge read what it has not judged.

    Raises:
        ModelError: The judge cannot be loaded.
        EngineError: Its engine failed.
    """
    for one in rounds:
        one.recover()
        one.recall()
    bench, judge, ledger = rounds[0].bench, rounds[0].judge, rounds[0].ledger
    if not bench.asks or all(one.n_left == 0 for one in rounds):
        return
    log_path = ledger.folder.log_path(f"judge-{judge.name}")
    with opened(judge, log_path, listener_of(ledger.observer, judge)) as engine:
        for number, one in enumerate(rounds):
            try:
                one.run(engine)
            except EngineError as error:
                for left in rounds[number + 1 :]:
                    left.give_up(f"the judge failed: {error}")
                raise
