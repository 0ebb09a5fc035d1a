"""What a rule is, and what comes of holding a plugin against it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Literal, NamedTuple

from evalctl.errors import EvalctlError
from evalctl.executors.workers import describe
from evalctl.records import Record

if TYPE_CHECKING:
    from evalctl.conformance.subject import Subject

Status = Literal["ok", "failed", "not checked", "does not apply"]
"""What came of a rule."""


class Finding(Record):
    """One place where a plugin breaks a rule."""

    where: str
    """What breaks it, such as `dataset riddles`."""
    what: str
    """How."""


class Gap(NamedTuple):
    """Something that a rule is about and that could not be looked at."""

    where: str
    """What."""
    why: str
    """What stood in the way."""


class NotCheckedError(EvalctlError):
    """A rule cannot be judged here; the message says why. Never the same as one that is kept."""


class DoesNotApplyError(EvalctlError):
    """A plugin has nothing that a rule is about; the message says what."""


class Rule(NamedTuple):
    """What a plugin must be like, and why."""

    name: str
    """In kebab-case; it says what is so where the rule is kept."""
    reason: str
    """Why that matters to users, in one sentence."""
    remedy: str
    """How to mend what breaks it."""
    find: Callable[[Subject], Iterable[Finding | Gap]]
    """Yields what breaks it. Raises NotCheckedError and DoesNotApplyError."""


class Outcome(Record):
    """What came of holding a plugin against a rule."""

    rule: str
    """Name of the rule."""
    status: Status
    """`not checked` wherever anything could not be looked at and nothing was found."""
    reason: str = ""
    """Why it was not (wholly) checked, or does not apply."""
    findings: tuple[Finding, ...] = ()
    """What breaks it."""
    seconds: float = 0.0
    """How long that took."""


def judge(rule: Rule, subject: Subject) -> Outcome:
    """Return what comes of holding a plugin against a rule; nothing that it raises gets out."""
    began = time.perf_counter()
    findings: list[Finding] = []
    gaps: list[str] = []
    status: Status | None = None
    try:
        for found in rule.find(subject):
            if isinstance(found, Finding):
                findings.append(found)
            else:
                gaps.append(f"{found.where}: {found.why}")
    except NotCheckedError as error:
        gaps.append(str(error))
    except DoesNotApplyError as error:
        status, gaps = "does not apply", [str(error)]
    except BaseException as error:  # noqa: BLE001  # the border; a plugin may raise anything
        findings.append(Finding(where=subject.doing or "the plugin", what=describe(error)))
    if findings:
        status = "failed"
    return Outcome(
        rule=rule.name,
        status=status or ("not checked" if gaps else "ok"),
        reason="; ".join(dict.fromkeys(gaps)),
        findings=tuple(findings),
        seconds=round(time.perf_counter() - began, 3),
    )
