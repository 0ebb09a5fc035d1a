"""Deprecations are declared once, warn whoever uses them, and are not forgotten."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Annotated

import pytest

import evalctl
from evalctl import EvalctlDeprecationWarning, ExecutorSpec, deprecations, hookimpl
from evalctl.deprecations import Deprecated, declared, deprecated_fields, overdue
from evalctl.plugins.contract import check_hooks
from evalctl.specs import Spec

NOTE = Deprecated(since="0.3", removed_in="0.5", instead="use `paint`")


class Pot(Spec):
    """A spec with a field that is going."""

    name: str
    """Its name."""
    colour: Annotated[str, NOTE] = "blue"
    """What it was painted with."""


class Cupboard(Spec):
    """A spec that holds others."""

    pots: tuple[Pot, ...] = ()
    """What it holds."""


def test_a_deprecated_field_warns_where_it_is_given() -> None:
    with pytest.warns(EvalctlDeprecationWarning) as caught:
        pot = Pot(name="p", colour="red")
    assert str(caught[0].message) == (
        "the field Pot.colour is deprecated since evalctl 0.3 and will be gone in 0.5: use `paint`"
    )
    assert Path(caught[0].filename) == Path(__file__)
    assert pot.colour == "red"


def test_a_deprecated_field_that_is_read_from_data_warns_too() -> None:
    with pytest.warns(EvalctlDeprecationWarning, match=r"Pot\.colour") as caught:
        Cupboard.model_validate({"pots": [{"name": "p", "colour": "red"}]})
    assert Path(caught[0].filename) == Path(__file__)


def test_a_deprecated_field_that_is_left_alone_is_silent() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert Cupboard(pots=(Pot(name="p"),)).pots[0].colour == "blue"


def test_a_deprecated_name_warns_each_time_and_still_works(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(deprecations, "NAMES", {"first_value": NOTE})
    monkeypatch.delitem(vars(evalctl), "first_value", raising=False)
    for _ in range(2):
        with pytest.warns(EvalctlDeprecationWarning, match=r"evalctl\.first_value is") as caught:
            from evalctl import first_value
        assert Path(caught[0].filename) == Path(__file__)
    assert first_value(()) is None


class Kitchen:
    """A plugin."""

    @hookimpl
    def evalctl_executors(self) -> tuple[ExecutorSpec, ...]:
        return ()


def test_a_deprecated_hook_warns_at_the_function_that_implements_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(deprecations, "HOOKS", {"evalctl_executors": NOTE})
    with pytest.warns(EvalctlDeprecationWarning, match="the hook evalctl_executors is") as caught:
        check_hooks(Kitchen())
    code = Kitchen.evalctl_executors.__code__
    assert (caught[0].filename, caught[0].lineno) == (code.co_filename, code.co_firstlineno)


@pytest.mark.parametrize(
    ("note", "version", "wrong"),
    [
        (NOTE, "0.3.0", []),
        (NOTE, "0.4.9", []),
        (NOTE, "0.5.0", ["Pot.colour: was to be gone in 0.5, and this is 0.5.0: remove it"]),
        (NOTE, "1.0", ["Pot.colour: was to be gone in 0.5, and this is 1.0: remove it"]),
        (Deprecated("0.9", "1.0", "x"), "0.9.1", []),
        (
            Deprecated("0.3", "0.4", "x"),
            "0.3.0",
            ["Pot.colour: deprecated since 0.3, so it stays until 0.5, not 0.4"],
        ),
    ],
)
def test_a_removal_that_is_due_is_found(note: Deprecated, version: str, wrong: list[str]) -> None:
    assert overdue({"Pot.colour": note}, version) == wrong


def test_all_kinds_of_deprecations_are_gathered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deprecations, "NAMES", {"first_value": NOTE})
    monkeypatch.setattr(deprecations, "HOOKS", {"evalctl_executors": NOTE})
    assert set(declared([Pot, Cupboard])) == {"first_value", "evalctl_executors", "Pot.colour"}


def test_no_removal_is_forgotten() -> None:
    public = [getattr(evalctl, name) for name in evalctl.__all__]
    kinds = [kind for kind in public if isinstance(kind, type)]
    assert overdue(declared(kinds), evalctl.__version__) == []
    assert deprecations.NAMES.keys() <= set(evalctl.__all__)


def test_what_is_not_deprecated_costs_one_look() -> None:
    assert deprecated_fields(Cupboard) == {}
    assert deprecated_fields(Cupboard) is deprecated_fields(Cupboard)
