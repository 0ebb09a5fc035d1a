"""Rules on a plugin's hooks: they are known, return specs, and do so every time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from evalctl.conformance.rule import Finding, NotCheckedError, Rule
from evalctl.conformance.subject import Subject
from evalctl.specs import Spec


def _find_unknown_hooks(subject: Subject) -> Iterator[Finding]:
    if subject.imported.error:
        raise NotCheckedError("it cannot be imported")
    if subject.hooks_problem:
        yield Finding(where=_plugin(subject), what=subject.hooks_problem)


def _find_wrong_results(subject: Subject) -> Iterator[Finding]:
    if subject.imported.error or subject.hooks_problem:
        raise NotCheckedError("it has no hooks that could be called")
    if subject.offer_problem:
        yield Finding(where=_plugin(subject), what=subject.offer_problem)


def _find_changing_results(subject: Subject) -> Iterator[Finding]:
    first, second = subject.contribution, subject.offered_again
    assert second is not None, "hooks are called twice or not at all"
    for kind in first._fields[1:]:
        one, other = getattr(first, kind), getattr(second, kind)
        if _dumped(one) != _dumped(other):
            what = "returns something else when it is called a second time"
            yield Finding(where=f"evalctl_{kind}", what=what)


def _dumped(specs: Iterable[Spec]) -> list[dict[str, object]]:
    return [spec.model_dump(warnings="none") for spec in specs]


def _find_clashes(subject: Subject) -> Iterator[Finding]:
    entry = subject.target.entry
    subject.contribution  # noqa: B018  # without one there is nothing to put together
    for other in subject.target.others:
        if other.plugin == entry.plugin:
            what = f"{other.distribution} has an entry point of the same name"
            yield Finding(where=f"entry point {entry.plugin}", what=what)
    _, refused = subject.assembled
    if refused is not None:
        yield Finding(where=_plugin(subject), what=str(refused))


def _plugin(subject: Subject) -> str:
    return f"plugin {subject.target.entry.plugin}"


RULES = (
    Rule(
        "hooks-are-known",
        "A misspelt hook, or one with parameters, is never called: what the plugin brings would "
        "be missing without a word.",
        "Mark each hook with `@evalctl.hookimpl`, name it as docs/hooks.md does, and give it no "
        "parameters.",
        _find_unknown_hooks,
    ),
    Rule(
        "hooks-return-specs",
        "A plugin is accepted whole or not at all: one hook that raises or returns something else "
        "takes all of it out of every listing.",
        "Return a tuple of the specs that docs/hooks.md names for the hook.",
        _find_wrong_results,
    ),
    Rule(
        "hooks-return-the-same-twice",
        "A run is resumed and scored again in a new process; specs that differ from one call to "
        "the next make its results incomparable.",
        "Build specs from constants: no dates, no random numbers, nothing of the environment.",
        _find_changing_results,
    ),
    Rule(
        "names-are-free",
        "Of two plugins that take the same name the later one is refused whole, so that users "
        "cannot have both installed.",
        "Choose names that say whose they are, such as `genomics_promoters`; add to a category "
        "of another plugin with `evalctl_datasets` and require that plugin.",
        _find_clashes,
    ),
)
