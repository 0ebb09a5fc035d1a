"""Attacks that take more time, memory or processes than allowed. Each is bounded: it is also run
without a sandbox, and must not hurt a machine there."""

from __future__ import annotations

from .attack import CALLS, Attack

_SHORT = {"wall_seconds": 0.5}
_FORK = {"processes": 8}
_SMALL = {"memory_bytes": 256 << 20, "memory_total_bytes": 256 << 20}
_SHARED_OUT = {"processes": 8, "memory_bytes": 256 << 20, "memory_total_bytes": 200 << 20}
_CAUGHT = "the time limit of every judge holds against it"

_TIME = (
    Attack("compute for ever", "time", "while True: pass", limits=_SHORT, unfired=_CAUGHT),
    Attack("sleep", "time", "import time\ntime.sleep(60)", limits=_SHORT, unfired=_CAUGHT),
    Attack(
        "swallow every exception",
        "time",
        "n = 0\nwhile True:\n    try:\n        while n >= 0: n += 1\n"
        "    except BaseException: n += 1",
        limits=_SHORT,
    ),
    Attack(
        "ignore all signals",
        "time",
        "import signal, time\nfor number in range(1, 65):\n"
        "    try: signal.signal(number, signal.SIG_IGN)\n    except (OSError, ValueError): pass\n"
        "while True: time.sleep(1)",
        limits=_SHORT,
    ),
    Attack(
        "block all signals",
        "time",
        "import signal, time\nsignal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\n"
        "while True: time.sleep(1)",
        limits=_SHORT,
    ),
    Attack(
        "compute where no signal is looked at",
        "time",
        "import itertools\nany(itertools.repeat(0))",
        limits=_SHORT,
    ),
    Attack("make one huge number", "time", "x = 7 ** (10 ** 9)", limits=_SHORT, unfired=_CAUGHT),
    Attack(
        "stop itself",
        "time",
        "import os\nos.kill(os.getpid(), 19)\nwhile True: os.kill(os.getpid(), 19)",
        limits=_SHORT,
    ),
    Attack(
        "stop itself while a child works",
        "time",
        "import os, time\nif not os.fork(): time.sleep(20)\nos.kill(os.getpid(), 19)",
        limits=_SHORT | _FORK,
    ),
    Attack(
        "never end its last thread",
        "time",
        "import threading, time\nthreading.Thread(target=time.sleep, args=(20,)).start()",
        limits=_SHORT,
    ),
    Attack(
        "hang at its end",
        "time",
        "import atexit\n@atexit.register\ndef hang():\n    while True: pass",
        limits=_SHORT,
    ),
    Attack(
        "wait for input that never comes while it keeps its output open",
        "time",
        "import os, time\nif not os.fork():\n    time.sleep(20)\nos._exit(0)",
        limits=_SHORT | {"processes": 1},
    ),
    Attack(
        "answer its judge one byte at a time",
        "time",
        "import os, time\ndef add(a, b):\n    os.write(4, b'\\0\\0\\x0f\\xff')\n"
        "    while True:\n        os.write(4, b' '); time.sleep(0.05)\n",
        kind="split",
        limits=_SHORT,
        unfired="judges in one process have no such socket",
    ),
    Attack(
        "hang in the function of a call",
        "time",
        "def add(a, b):\n    while True:\n        try:\n            while a: a += 1\n"
        "        except BaseException: a += 1",
        kind="values",
        limits=_SHORT,
    ),
    Attack(
        "make its source a riddle for whoever searches it",
        "time",
        "\n" * 40_000 + "x = 1",
        limits=_SHORT,
        unfired="only a judge that searches sources falls for it",
    ),
    Attack(
        "give its judge numbers that are all alike",
        "time",
        "import os\nos.write(3, b'{\"value\": {\"d\": [' + b','.join(b'[%d, 1]' % "
        "(((1 << 61) - 1) * n) for n in range(1, 60000)) + b']}}\\n')\nos._exit(0)",
        kind="mapping",
        limits=_SHORT,
        unfired="only a judge that reads values outside falls for it",
    ),
)
_MEMORY = (
    Attack(
        "take memory in one process",
        "memory",
        "import time\nx = bytearray(500 << 20)\ntime.sleep(0.3)",
        limits=_SMALL,
        allowed=320 << 20,
    ),
    Attack(
        "take memory mapped for sharing",
        "memory",
        "import mmap, time\nx = mmap.mmap(-1, 500 << 20)\n"
        "for n in range(0, 500 << 20, 4096): x[n] = 1\ntime.sleep(0.3)",
        limits=_SMALL,
        allowed=320 << 20,
    ),
    Attack(
        "take memory in many processes",
        "memory",
        "import os, time\nfor n in range(6):\n    if not os.fork():\n"
        "        x = bytearray(100 << 20); time.sleep(1); os._exit(0)\ntime.sleep(1.2)",
        limits=_SHARED_OUT,
        allowed=330 << 20,
    ),
    Attack(
        "take memory and hide it from who counts pages in use",
        "memory",
        """
import mmap, os, time
for n in range(6):
    if not os.fork():
        x = mmap.mmap(-1, 120 << 20)
        for part in range(0, 120, 8):
            for at in range(part << 20, (part + 8) << 20, 4096): x[at] = 1
            x.madvise(mmap.MADV_DONTNEED)
        time.sleep(1); os._exit(0)
time.sleep(1.4)
""",
        limits=_SHARED_OUT,
        known={"bwrap": "shared pages that no process maps are counted nowhere"},
        is_residue=True,
        allowed=330 << 20,
    ),
    Attack(
        "take memory that lies in pipes",
        "memory",
        """
import fcntl, os, time
kept = []
for n in range(300):
    try:
        kept.append(os.pipe())
        fcntl.fcntl(kept[-1][1], 1031, 1 << 20)
        os.set_blocking(kept[-1][1], False)
        while os.write(kept[-1][1], b'x' * 65536): pass
    except OSError:
        continue
time.sleep(0.2)
""",
        limits=_SMALL,
        allowed=320 << 20,
        unfired="the kernel itself bounds the pipes of a user",
    ),
    Attack(
        "take memory that has no name",
        "memory",
        CALLS
        + """
import time
for n in range(40):
    file = call('memfd_create', b'x', 0)
    if file < 0: break
    for part in range(10): os.write(file, bytes(1 << 20))
time.sleep(0.2)
""",
        limits=_SMALL,
        allowed=320 << 20,
    ),
)
_COUNTS = (
    Attack(
        "make more processes than allowed",
        "processes",
        "import os, time\nfor n in range(40):\n"
        "    try:\n        if not os.fork(): time.sleep(1); os._exit(0)\n"
        "    except OSError: break\ntime.sleep(1.2)",
        limits=_FORK,
        allowed=10,
        is_residue=True,
        known={"bwrap": "their number is looked at every 20 ms; in between `threads` bounds it"},
    ),
    Attack(
        "make more processes and threads than allowed",
        "processes",
        "import os, time\nfor n in range(150):\n"
        "    try:\n        if not os.fork(): time.sleep(1); os._exit(0)\n"
        "    except OSError: break\ntime.sleep(1.2)",
        limits={"processes": 64},
        allowed=72,
    ),
    Attack(
        "make processes that make processes",
        "processes",
        "import os, time\nbegan = time.monotonic()\nfor n in range(7):\n"
        "    try: os.fork()\n    except OSError: pass\ntime.sleep(0.8)",
        limits={"processes": 64},
        allowed=72,
    ),
    Attack(
        "fork where it is forbidden",
        "processes",
        "import os, time\nfor n in range(9):\n"
        "    try:\n        if not os.fork(): time.sleep(1); os._exit(0)\n"
        "    except OSError: break\ntime.sleep(0.5)",
        allowed=3,
    ),
    Attack(
        "start programs where it is forbidden",
        "processes",
        """
import os, subprocess, sys, time
for n in range(5):
    for act in (lambda: subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(1)']),
                lambda: os.posix_spawn(sys.executable, [sys.executable, '-c',
                                       'import time; time.sleep(1)'], {}),
                lambda: os.system('sleep 1 &')):
        try:
            act()
        except OSError:
            pass
time.sleep(0.5)
os._exit(0)
""",
        allowed=3,
    ),
    Attack(
        "make many threads",
        "processes",
        "import threading, time\nfor n in range(200):\n"
        "    try: threading.Thread(target=time.sleep, args=(1,), daemon=True).start()\n"
        "    except RuntimeError: break\ntime.sleep(0.8)",
        allowed=72,
    ),
    Attack(
        "open many files",
        "amount",
        "import os\nn = 0\ntry:\n    for n in range(900): os.open('.', 0)\n"
        "except OSError: pass\nprint('amount', n)",
        allowed=128,
    ),
)

ATTACKS = (*_TIME, *_MEMORY, *_COUNTS)
