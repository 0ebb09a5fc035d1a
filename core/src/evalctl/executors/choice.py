"""Which sandbox a run takes: the one that was asked for, else the best that works here."""

from __future__ import annotations

import functools
import secrets
import tempfile
from collections.abc import Iterable, Sequence
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from evalctl.errors import ConfigError, EvalctlError, SandboxMissingError, UnknownNameError
from evalctl.executions import Isolation, IsolationLevel, Launch, Limits, Profile, Reason, Sandbox
from evalctl.records import Record
from evalctl.specs import ExecutorSpec

UNSAFE_LEVEL = 1
"""Of what keeps nothing from anybody; taken only where it is allowed by name."""
_PROBE = """
print("alive")
try:
    print(open({!r}).read())
except OSError:
    pass
"""


class SandboxWish(Record):
    """What a user wants of the sandbox."""

    executor: str | None = None
    """The one to take, `NAME` or, for containers, `NAME:IMAGE`; None takes the best that works here
    and may be taken unasked."""
    min_isolation: IsolationLevel | None = None
    """The least level that will do."""
    allows_unsafe: bool = False
    """Whether programs may be run as plain processes where nothing better works."""


class ChosenSandbox(NamedTuple):
    """A sandbox that was opened here, and held."""

    spec: ExecutorSpec
    isolation: Isolation
    image: str = ""
    """That was asked for."""

    def open(self, profile: Profile) -> Sandbox:
        """Open one of its kind."""
        own = profile.model_copy(update={"image": self.image}) if self.image else profile
        return open_sandbox(self.spec.factory, own)


def open_sandbox(factory: str, profile: Profile) -> Sandbox:
    """Open a sandbox by the name of its factory, `module:function`.

    Raises:
        EvalctlError: It cannot be opened here.
    """
    module, _, function = factory.partition(":")
    sandbox: Sandbox = getattr(import_module(module), function)(profile)
    return sandbox


@functools.cache
def probe(factory: str, image: str = "") -> Isolation | str:
    """Return the isolation that a sandbox really gave, or why it cannot be used here.

    Nothing is told from settings: a program is run in it, and from level 2 on it must fail to read
    a file that is there to be read.
    """
    try:
        sandbox = open_sandbox(factory, Profile(image=image))
    except EvalctlError as error:
        return str(error)
    except Exception as error:  # noqa: BLE001  # the border to a plugin's code
        return f"it cannot be opened: {type(error).__name__}: {error}"
    with tempfile.NamedTemporaryFile(prefix="evalctl-probe-") as target:
        secret = secrets.token_hex(16)
        target.write(secret.encode())
        target.flush()
        Path(target.name).chmod(0o644)
        source = _PROBE.format(target.name)
        limits = Limits(wall_seconds=10.0)
        try:
            ended = sandbox.run(Launch(runner="script", job={"source": source}, limits=limits))
        finally:
            sandbox.close()
    if ended.reason is not Reason.OK or not ended.stdout.startswith(b"alive\n"):
        said = ended.harness_error or ended.stderr.decode(errors="replace")
        return f"a sandbox starts, but nothing runs in it: {said.strip()[:300]}"
    if sandbox.isolation.level > UNSAFE_LEVEL and secret.encode() in ended.stdout:
        return "a program in it can read your files"
    return sandbox.isolation


def choose(wish: SandboxWish, executors: Sequence[ExecutorSpec]) -> ChosenSandbox:
    """Return the sandbox that a run takes.

    In this order: the one that is named; the highest level that works here, of those that may be
    taken unasked; plain processes where that is allowed.

    Raises:
        UnknownNameError: The one that is named is not registered.
        ConfigError: It is no sandbox, needs a permission, or has too low a level.
        SandboxMissingError: Nothing that may be taken works here; the message says what would help.
    """
    sandboxes = [spec for spec in executors if spec.level is not None]
    if wish.executor is not None:
        return _asked_for(wish, executors)
    able = [spec for spec in sandboxes if spec.is_automatic]
    able.sort(key=lambda spec: -(spec.level or 0))
    if wish.allows_unsafe:
        able += [spec for spec in sandboxes if spec.level == UNSAFE_LEVEL]
    refusals = []
    for spec in able:
        if (spec.level or 0) < (wish.min_isolation or 0):
            refusals.append(f"{spec.name}: level {spec.level} is below min_isolation")
        elif isinstance(found := probe(spec.factory), Isolation):
            return ChosenSandbox(spec, found)
        else:
            refusals.append(f"{spec.name}: {found}")
    raise SandboxMissingError(
        f"there is no sandbox for model-written programs on this machine. {'. '.join(refusals)}. "
        f"{_remedy(wish, sandboxes)}"
    )


def named(executor: str, executors: Sequence[ExecutorSpec]) -> tuple[ExecutorSpec, str]:
    """Return the sandbox, and the image, that `NAME` or `NAME:IMAGE` stands for.

    Raises:
        UnknownNameError: No sandbox has that name.
    """
    name, _, image = executor.partition(":")
    sandboxes = {spec.name: spec for spec in executors if spec.level is not None}
    if name not in sandboxes:
        raise UnknownNameError("sandbox", name, sandboxes)
    return sandboxes[name], image


def _asked_for(wish: SandboxWish, executors: Sequence[ExecutorSpec]) -> ChosenSandbox:
    spec, image = named(wish.executor or "", executors)
    if spec.level == UNSAFE_LEVEL and not wish.allows_unsafe:
        raise ConfigError(
            f"--executor {spec.name} runs what a model wrote without a sandbox; if you mean that, "
            "add --unsafe-local-execution"
        )
    if (spec.level or 0) < (wish.min_isolation or 0):
        raise ConfigError(
            f"--executor {spec.name} has isolation level {spec.level}, and min_isolation is "
            f"{wish.min_isolation}"
        )
    found = probe(spec.factory, image)
    if not isinstance(found, Isolation):
        raise SandboxMissingError(f"--executor {spec.name} cannot be used here: {found}")
    return ChosenSandbox(spec, found, image)


def _remedy(wish: SandboxWish, sandboxes: Iterable[ExecutorSpec]) -> str:
    least = max(wish.min_isolation or 0, UNSAFE_LEVEL + 1)
    ways = ["mend one of these (`evalctl sandbox doctor` tells more)"]
    ways += [
        f"choose --executor {spec.name}"
        for spec in sandboxes
        if not spec.is_automatic and (spec.level or 0) >= least
    ]
    if not wish.allows_unsafe and wish.min_isolation in (None, UNSAFE_LEVEL):
        ways.append("run without any protection: --unsafe-local-execution")
    return f"What helps: {', or '.join(ways)}."
