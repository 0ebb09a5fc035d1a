"""Rules on what importing a plugin's module does: nothing but define things, and quickly."""

from __future__ import annotations

from collections.abc import Iterator

from evalctl.conformance.rule import Finding, NotCheckedError, Rule
from evalctl.conformance.subject import Subject


def _module(subject: Subject) -> str:
    return f"module {subject.target.entry.module}"


def _find_import_error(subject: Subject) -> Iterator[Finding]:
    if _is_incompatible(subject):
        raise NotCheckedError(subject.imported.error)
    if subject.imported.error:
        yield Finding(where=_module(subject), what=subject.imported.error)


def _find_heavy_imports(subject: Subject) -> Iterator[Finding]:
    _refuse_unknown(subject)
    if subject.imported.heavy:
        what = f"pulls in {', '.join(subject.imported.heavy)}"
        yield Finding(where=_module(subject), what=what)


def _find_effects(subject: Subject) -> Iterator[Finding]:
    _refuse_unknown(subject)
    for effect in subject.imported.effects:
        yield Finding(where=_module(subject), what=effect)


def _refuse_unknown(subject: Subject) -> None:
    if subject.imported.error:
        raise NotCheckedError("it cannot be imported")
    if subject.watch is None:
        raise NotCheckedError("its import was not watched")


def _is_incompatible(subject: Subject) -> bool:
    return subject.imported.error.startswith("not imported")


RULES = (
    Rule(
        "imports-without-error",
        "What cannot be imported is missing from every listing and every run.",
        "Import it by hand (`python -c 'import MODULE'`) and mend what it raises; whatever it "
        "imports belongs into `dependencies`.",
        _find_import_error,
    ),
    Rule(
        "imports-nothing-heavy",
        "Every command imports every plugin, so that one heavy import makes all of them slow for "
        "everybody who has the plugin installed.",
        "Import large packages inside the functions that need them.",
        _find_heavy_imports,
    ),
    Rule(
        "does-nothing-when-imported",
        "Every command imports every plugin, whether or not it is used: what that import writes, "
        "starts, prints or changes happens to users who never asked for it.",
        "Move it into the function that needs it; a plugin's module only defines things.",
        _find_effects,
    ),
)
