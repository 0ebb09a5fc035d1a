"""Level 3 through a container engine: Docker or Podman, only where it is asked for by name.

One container stays open for each sandbox; its zygote talks over a socket in a shared folder. What
programs find is what the image holds: a profile's packages are not brought along.
"""

from __future__ import annotations

import functools
import json
import os
import platform
import secrets
import shutil
import subprocess
import sys
from pathlib import Path

from evalctl.errors import EvalctlError
from evalctl.executions import Isolation, Profile, Sandbox
from evalctl.executors import interpreter
from evalctl.executors.guest import landlock
from evalctl.executors.session import Start, Starter
from evalctl.executors.shared_host import Visible, new_user, shared_setting
from evalctl.executors.zygotes import ENVIRONMENT, ZygoteSandbox

DEFAULT_IMAGE = f"python:{sys.version_info.major}.{sys.version_info.minor}-slim"
_ENGINES = ("docker", "podman")
_ASKING_SECONDS = 20.0
_PASSED_ON = ("PATH", "HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME")
_PASSED_PREFIXES = ("DOCKER_", "CONTAINER_", "CONTAINERS_", "REGISTRY_AUTH_FILE")
_MEMORY = "8g"
_SOCKET_FOLDER, _GUEST_FOLDER, _SCRATCH = "/run/evalctl", "/evalctl", "/scratch"
_READABLE = ("/usr", "/lib", "/lib64", "/lib32", "/bin", "/opt", "/etc/ld.so.cache", _GUEST_FOLDER)


class ContainerError(EvalctlError):
    """No container can be started here; the message says what would help."""


def open_container(profile: Profile) -> Sandbox:
    """Open a sandbox in a container.

    Raises:
        ContainerError: There is no engine, or it lacks the image.
        SessionError: The container does not start; the message quotes the engine.
    """
    engine, image = find_engine(), profile.image or DEFAULT_IMAGE
    if _ask(engine, "image", "inspect", image):
        raise ContainerError(
            f"{engine} has no image {image}: `{engine} pull {image}`, or name another one: "
            "--executor docker:IMAGE"
        )
    isolation = Isolation(
        level=3,
        executor="docker",
        memory_cap="cgroup",
        landlock_abi=landlock.version() or None,
        kernel=platform.release(),
    )
    starter = Starter(
        functools.partial(_start, engine, image, profile), by_path=True, clears_up=True
    )
    return ZygoteSandbox(profile, isolation, starter, takes_one_guest=False)


def find_engine() -> str:
    """Return the first container engine that answers.

    Raises:
        ContainerError: None does; the message quotes the last one.
    """
    said = "neither docker nor podman is installed"
    for name in _ENGINES:
        if shutil.which(name) is not None:
            problem = _ask(name, "version")
            if not problem:
                return name
            said = f"{name} does not answer: {problem[:200]}"
    raise ContainerError(said)


def _ask(engine: str, *words: str) -> str:
    """Return what an engine complains of; empty where it does as it is asked."""
    try:
        done = subprocess.run(
            [engine, *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_ASKING_SECONDS,
            env=_passed_on(),
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return "" if done.returncode == 0 else done.stderr.strip() or f"exit code {done.returncode}"


def _start(engine: str, image: str, profile: Profile, control: str, stage: Path) -> Start:
    """Return how a zygote is started in a container; its socket lies in the stage."""
    user, paths = new_user(), list(_READABLE)
    visible = Visible(readable=paths, listable=[], roots=paths)
    setting = shared_setting(profile, _SCRATCH, visible, landlock.version())
    zygote = interpreter.zygote("python3", _GUEST_FOLDER, "/nowhere", is_bare=False)
    guest = Path(__file__).parent / "guest"
    return Start(
        [
            *(engine, "run", "--rm", "--pull", "never"),
            *("--name", f"evalctl-{secrets.token_hex(6)}"),
            *("--network", "none", "--ipc", "none", "--read-only", "--log-driver", "none"),
            *("--cap-drop", "ALL", "--security-opt", "no-new-privileges"),
            *("--memory", _MEMORY, "--memory-swap", _MEMORY, "--pids-limit", "1024"),
            *("--user", f"{user}:{user}", "--workdir", "/"),
            *("--tmpfs", f"{_SCRATCH}:rw,exec,nosuid,nodev,size=1g,mode=1777"),
            *("--volume", f"{stage}:{_SOCKET_FOLDER}"),
            *("--volume", f"{guest}:{_GUEST_FOLDER}/guest:ro"),
            *_variables(profile),
            *("--entrypoint", zygote[0], image, *zygote[1:]),
            *(f"{_SOCKET_FOLDER}/{Path(control).name}", json.dumps(setting)),
        ],
        env=_passed_on(),
    )


def _variables(profile: Profile) -> list[str]:
    given = {**ENVIRONMENT, "PATH": "/usr/local/bin:/usr/bin:/bin", **profile.env}
    return [word for name, value in given.items() for word in ("--env", f"{name}={value}")]


def _passed_on() -> dict[str, str]:
    """Return what the engine's command needs of our environment; programs get none of it."""
    return {
        name: value
        for name, value in os.environ.items()
        if name in _PASSED_ON or name.startswith(_PASSED_PREFIXES)
    }
