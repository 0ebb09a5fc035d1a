"""Attacks that outlive their execution, or leave something for the next one."""

from __future__ import annotations

from .attack import CALLS, Attack

_NAMED = (
    "import ctypes, os, signal, sys, time\nctypes.CDLL(None).prctl(15, b'@PROCESS@', 0, 0, 0)\n"
)
_FORK = {"processes": 8}


def _daemon(before: str = "", work: str = "time.sleep(20)") -> str:
    return (
        f"{_NAMED}{before}\nif not os.fork():\n    os.setsid()\n    if not os.fork():\n"
        f"        for number in range(3):\n            os.close(number)\n        {work}\n"
        "    os._exit(0)\nos.wait()\n"
    )


ATTACKS = (
    Attack("leave a daemon", "leftover", _daemon(), limits=_FORK),
    Attack(
        "leave a daemon that ignores signals",
        "leftover",
        _daemon("for number in (1, 2, 3, 15): signal.signal(number, signal.SIG_IGN)"),
        limits=_FORK,
    ),
    Attack(
        "leave a daemon that keeps the output open",
        "leftover",
        _NAMED + "if not os.fork():\n    os.setsid()\n    time.sleep(20)\n    os._exit(0)\n",
        limits=_FORK | {"wall_seconds": 0.5},
    ),
    Attack(
        "leave a daemon that moves on all the time",
        "leftover",
        _daemon(
            work="began = time.monotonic()\n        while time.monotonic() - began < 5:\n"
            "            if os.fork(): os._exit(0)\n            time.sleep(0.002)"
        ),
        limits=_FORK,
    ),
    Attack(
        "adopt orphans",
        "leftover",
        _daemon("ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)", "os.setpgid(0, 0); time.sleep(20)"),
        limits=_FORK,
    ),
    Attack(
        "leave a daemon while its judge waits for an answer",
        "leftover",
        _daemon() + "def add(a, b):\n    os._exit(0)\n",
        kind="split",
        limits=_FORK,
    ),
    Attack(
        "fork where it is forbidden and stay",
        "leftover",
        _daemon(),
    ),
    Attack(
        "leave files everywhere",
        "state",
        """
import os
for folder in ('.', '/tmp', '/dev/shm', '/var/tmp', os.path.expanduser('~'), '/dev', '/'):
    try:
        open(os.path.join(folder, '@NAME@-left'), 'w').write('x')
    except OSError:
        pass
""",
        look="import os\nfor folder in ('.', '/tmp', '/dev/shm', '/var/tmp', '/dev', '/', '..'):\n"
        "    if os.path.exists(os.path.join(folder, '@NAME@-left')): print(PROOF)",
        limits=_FORK,
    ),
    Attack(
        "leave a module for the next one",
        "state",
        "open('@NAME@.py', 'w').write('found = 1')",
        look="import sys\nsys.path.insert(0, '')\nimport @NAME@\nprint(PROOF)",
    ),
    Attack(
        "leave shared memory of System V",
        "state",
        CALLS + "call('shmget', 28712, 64, 0o1666)",
        look=CALLS + "if call('shmget', 28712, 0, 0) >= 0: print(PROOF)",
    ),
    Attack(
        "leave a queue of messages",
        "state",
        CALLS + "call('mq_open', b'@NAME@-queue', 0o102, 0o600, 0)",
        look=CALLS + "if call('mq_open', b'@NAME@-queue', 0o2, 0, 0) >= 0: print(PROOF)",
    ),
    Attack(
        "spoil the working folder",
        "state",
        "import os, shutil\nos.chmod('.', 0)\nos.chmod('..', 0o555)\n"
        "os.rename('.', '../gone') if os.getuid() == 0 else None",
        look="import os\ntry:\n    open('here', 'w').close()\nexcept OSError:\n    print(PROOF)",
    ),
    Attack(
        "change the warm interpreter",
        "state",
        "import json, os, sys, builtins, guest.runners as r\nr.RUNNERS.clear()\n"
        "builtins.print = None; json.loads = None; sys.path.clear(); os.environ['@NAME@'] = 'x'\n"
        "os.chdir('/')",
        look="import os\nif '@NAME@' in os.environ or os.getcwd() == '/': print(PROOF)",
        unfired="without a warm interpreter there is none to change",
    ),
)
