from __future__ import annotations

from collections.abc import Callable

import pytest

from evalctl.errors import ConfigError, SandboxMissingError, UnknownNameError
from evalctl.executions import Isolation, Profile, Sandbox
from evalctl.executors import choice
from evalctl.executors.choice import SandboxWish, choose, probe
from evalctl.executors.plugin import evalctl_executors
from evalctl.specs import ExecutorSpec

ALL = tuple(evalctl_executors())


@pytest.fixture
def works(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Say which sandboxes work on a machine."""

    def say(*names: str) -> None:
        specs = {spec.factory: spec for spec in ALL if spec.factory}

        def answer(factory: str, image: str = "") -> Isolation | str:
            spec = specs[factory]
            assert spec.level is not None
            able = spec.name in names
            return Isolation(level=spec.level, executor=spec.name) if able else "not here"

        monkeypatch.setattr(choice, "probe", answer)

    return say


@pytest.mark.parametrize(
    ("able", "wish", "taken"),
    [
        (("bwrap", "landlock", "subprocess"), SandboxWish(), "bwrap"),
        (("landlock", "subprocess"), SandboxWish(), "landlock"),
        (("bwrap", "landlock"), SandboxWish(executor="landlock"), "landlock"),
        (("bwrap", "subprocess"), SandboxWish(allows_unsafe=True), "bwrap"),
        (("subprocess",), SandboxWish(allows_unsafe=True), "subprocess"),
        (
            ("bwrap", "subprocess"),
            SandboxWish(executor="subprocess", allows_unsafe=True),
            "subprocess",
        ),
        (("bwrap", "landlock"), SandboxWish(min_isolation=3), "bwrap"),
    ],
)
def test_the_best_that_works_is_taken_unless_another_is_named(
    works: Callable[..., None], able: tuple[str, ...], wish: SandboxWish, taken: str
) -> None:
    works(*able)
    assert choose(wish, ALL).spec.name == taken


@pytest.mark.parametrize(
    ("able", "wish", "error", "said"),
    [
        ((), SandboxWish(), SandboxMissingError, "bwrap: not here. landlock: not here"),
        (("subprocess",), SandboxWish(), SandboxMissingError, "--unsafe-local-execution"),
        (("landlock",), SandboxWish(min_isolation=3), SandboxMissingError, "below min_isolation"),
        (
            ("subprocess",),
            SandboxWish(),
            SandboxMissingError,
            "--executor docker, or run",
        ),
        (
            (),
            SandboxWish(allows_unsafe=True),
            SandboxMissingError,
            r"What helps: mend .*, or choose --executor docker\.$",
        ),
        (
            ("landlock",),
            SandboxWish(min_isolation=3),
            SandboxMissingError,
            r"choose --executor docker\.$",
        ),
        (("bwrap",), SandboxWish(executor="subprocess"), ConfigError, "--unsafe-local-execution"),
        (("bwrap",), SandboxWish(executor="landlock"), SandboxMissingError, "not here"),
        (
            ("landlock",),
            SandboxWish(executor="landlock", min_isolation=3),
            ConfigError,
            "isolation level 2",
        ),
        (("bwrap",), SandboxWish(executor="bwarp"), UnknownNameError, "Did you mean bwrap"),
        (("bwrap",), SandboxWish(executor="workers"), UnknownNameError, "unknown sandbox"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_what_would_help(
    works: Callable[..., None],
    able: tuple[str, ...],
    wish: SandboxWish,
    error: type[Exception],
    said: str,
) -> None:
    works(*able)
    with pytest.raises(error, match=said):
        choose(wish, ALL)


def test_every_built_in_sandbox_proves_itself_here() -> None:
    for name, level in (("bwrap", 3), ("landlock", 2), ("subprocess", 1)):
        spec = next(spec for spec in ALL if spec.name == name)
        found = probe(spec.factory)
        assert isinstance(found, Isolation), found
        assert (found.level, found.executor) == (level, name)


def open_boastful(profile: Profile) -> Sandbox:
    """Open plain processes that call themselves level 3."""
    from evalctl.executors.shared_host import open_subprocess

    sandbox = open_subprocess(profile)
    sandbox.isolation = Isolation(level=3, executor="boastful")
    return sandbox


def open_broken(profile: Profile) -> Sandbox:
    raise RuntimeError("no such box")


def test_a_sandbox_that_keeps_less_than_it_says_is_not_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "a_plugin", sys.modules[__name__])
    assert probe("a_plugin:open_boastful") == "a program in it can read your files"
    assert probe("a_plugin:open_broken") == "it cannot be opened: RuntimeError: no such box"


def test_a_sandbox_says_its_level_and_how_it_is_opened() -> None:
    with pytest.raises(ValueError, match="both `level` and `factory`"):
        ExecutorSpec(name="half", title="t", level=3)
    with pytest.raises(ValueError, match="may be taken unasked"):
        ExecutorSpec(name="rash", title="t", level=1, factory="a:b", is_automatic=True)
