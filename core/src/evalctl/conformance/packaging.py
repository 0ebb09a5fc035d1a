"""Rules on a plugin as a distribution: what it requires, what it imports of evalctl, its README."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import evalctl
from evalctl.conformance.folder import canonical
from evalctl.conformance.rule import DoesNotApplyError, Finding, NotCheckedError, Rule
from evalctl.conformance.subject import Subject
from evalctl.conformance.wording import says_nothing
from evalctl.hookspecs import PROJECT
from evalctl.plugins.requirements import unmet_requirement

_ON_EVALCTL = re.compile(r"evalctl\s*(\[[^\]]*\])?\s*(?P<range>[^;]*)", re.IGNORECASE)
_BOUND = re.compile(r"<=?|==|~=")


def _requirements(subject: Subject) -> list[str]:
    """Return the ranges of evalctl that the distribution asks for."""
    if subject.target.requires is None:
        raise NotCheckedError("its dependencies are dynamic, and only a build tells them")
    found = (_ON_EVALCTL.fullmatch(text.strip()) for text in subject.target.requires)
    return [match["range"].strip(" ()") for match in found if match]


def _find_unmet(subject: Subject) -> Iterator[Finding]:
    _requirements(subject)
    if unmet := unmet_requirement(subject.target.requires or (), evalctl.__version__):
        what = f"needs {unmet}, and this is evalctl {evalctl.__version__}"
        yield Finding(where=_distribution(subject), what=what)


def _find_unbounded(subject: Subject) -> Iterator[Finding]:
    _pass_over_our_own(subject)
    ranges = _requirements(subject)
    if not ranges:
        yield Finding(where=_distribution(subject), what="does not require evalctl at all")
    elif not any(_BOUND.search(one) for one in ranges):
        what = f"takes any later evalctl (evalctl{ranges[0]})"
        yield Finding(where=_distribution(subject), what=what)


def _distribution(subject: Subject) -> str:
    return f"distribution {subject.target.entry.distribution}"


def _pass_over_our_own(subject: Subject) -> None:
    if canonical(subject.target.entry.distribution) == PROJECT:
        raise DoesNotApplyError("it is part of evalctl")


def _find_private_imports(subject: Subject) -> Iterator[Finding]:
    _pass_over_our_own(subject)
    if not subject.imported.file:
        raise NotCheckedError("the plugin does not load, so its files are not known")
    for path in _files(subject):
        try:
            tree = ast.parse(path.read_bytes())
        except (OSError, SyntaxError, ValueError, RecursionError):
            continue  # never imported, or a listing would say so
        for node in ast.walk(tree):
            for name in _private_names(node):
                where = f"{path.name}:{getattr(node, 'lineno', 0)}"
                yield Finding(where=where, what=f"imports {name}, which is not public")


def _files(subject: Subject) -> list[Path]:
    """Return the Python files of the package that the plugin's module is in."""
    file = Path(subject.imported.file)
    parents = subject.target.entry.module.count(".")
    is_package = file.name == "__init__.py"
    if parents == 0 and not is_package:
        return [file]
    top = file.parents[parents - (0 if is_package else 1)]
    return sorted(path for path in top.rglob("*.py") if "tests" not in path.parts)


def _private_names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names if alias.name.startswith("evalctl.")]
    if not isinstance(node, ast.ImportFrom) or node.level or not node.module:
        return []
    if node.module.startswith("evalctl."):
        return [node.module]
    names = [alias.name for alias in node.names if node.module == "evalctl"]
    return [f"evalctl.{name}" for name in names if name not in (*evalctl.__all__, "*")]


def _find_unnamed_datasets(subject: Subject) -> Iterator[Finding]:
    datasets = subject.datasets()
    readme = subject.target.readme
    if not readme.strip():
        yield Finding(where=_distribution(subject), what="has no README")
        return
    for dataset in datasets:
        passages = _passages(readme, dataset.name)
        where = f"dataset {dataset.name}"
        if not passages:
            yield Finding(where=where, what="is not named in the README")
        elif says_nothing(dataset.licence):
            continue  # told by another rule
        elif not any(_plain(dataset.licence) in _plain(passage) for passage in passages):
            what = f"its licence, {dataset.licence!r}, does not stand beside its name in the README"
            yield Finding(where=where, what=what)


def _passages(readme: str, name: str) -> list[str]:
    """Return what a README says at each place that names something.

    That is the row of a table, and the section up to the next heading elsewhere.
    """
    lines = readme.splitlines()
    word = re.compile(rf"(?<![\w@]){re.escape(name)}(?![\w@])")
    found = []
    for at, line in enumerate(lines):
        if word.search(line):
            is_row = line.strip().startswith("|")
            found.append(line if is_row else "\n".join(_section(lines, at)))
    return found


def _section(lines: list[str], at: int) -> list[str]:
    end = next((i for i in range(at + 1, len(lines)) if lines[i].startswith("#")), len(lines))
    return lines[at:end]


def _plain(text: str) -> str:
    return " ".join(text.replace("-", " ").casefold().split())


RULES = (
    Rule(
        "works-with-this-evalctl",
        "A plugin that needs another evalctl is not even imported, and its users find nothing of "
        "it in any listing.",
        "Install an evalctl that the plugin's requirement allows, or widen the requirement in "
        "`dependencies` once its tests pass with this one.",
        _find_unmet,
    ),
    Rule(
        "bounds-its-evalctl",
        "An evalctl that comes later may change what hooks and specs mean; without an upper bound "
        "pip installs the two together and users get errors, or other scores.",
        "State the range that was tested, such as `evalctl>=0.1,<0.2`, in `dependencies`.",
        _find_unbounded,
    ),
    Rule(
        "uses-the-public-api-alone",
        "Modules inside evalctl move without notice, so that a plugin which reaches into them "
        "breaks at its users' next upgrade.",
        "Import from `evalctl` itself; where a name is missing there, ask for it in an issue.",
        _find_private_imports,
    ),
    Rule(
        "readme-names-each-dataset",
        "Users must know before they publish a figure what its data are and under which licence "
        "they may use them.",
        "Name each dataset in the README with its licence, spelt as in `DatasetSpec.licence`: in "
        "one row of a table, or in one section.",
        _find_unnamed_datasets,
    ),
)
