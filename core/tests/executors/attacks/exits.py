"""Wrong programs that try to pass by the way they end, or by what they print."""

from __future__ import annotations

from dataclasses import replace

from .attack import GUESS, Attack, Kind

_ENDS = (
    ("leave at once in the function", "import os\ndef add(a, b):\n    os._exit(0)\n"),
    ("leave while it is loaded", "import os\nos._exit(0)\n"),
    (
        "become another program",
        "import os, sys\nos.execv(sys.executable, [sys.executable, '-I', '-S', '-c', 'pass'])\n",
    ),
    (
        "leave when tests end",
        "import atexit, os\natexit.register(os._exit, 0)\n"
        "def add(a, b):\n    raise SystemExit(0)\n",
    ),
    (
        "leave from another thread",
        "import os, threading, time\ndef add(a, b):\n"
        "    threading.Timer(0.02, os._exit, [0]).start()\n    time.sleep(0.5)\n",
    ),
    (
        "leave by a handler of signals",
        "import os, signal, time\n"
        "signal.signal(14, lambda *a: os._exit(0))\n"
        "signal.setitimer(signal.ITIMER_REAL, 0.02)\ndef add(a, b):\n    time.sleep(0.5)\n",
    ),
    (
        "let a child go on with the tests",
        "import os\ndef add(a, b):\n    if os.fork(): os._exit(0)\n    return 1234\n",
    ),
)
_KINDS: tuple[Kind, ...] = ("split", "beside", "cases")
_ANY = (
    *(
        Attack(
            f"exit in the function, {kind}",
            "pass",
            "import sys\ndef add(a, b):\n    sys.exit(0)\n",
            kind=kind,
            unfired="unittest counts it as an error" if kind == "cases" else "",
        )
        for kind in _KINDS
    ),
    Attack("exit while it is loaded", "pass", "import sys\nsys.exit(0)\n", kind="split"),
    Attack("exit while it is loaded, on calls", "pass", "raise SystemExit\n", kind="values"),
    Attack(
        "leave at the first call",
        "pass",
        "import os\ndef add(a, b):\n    os._exit(0)",
        kind="values",
    ),
    Attack(
        "leave with nothing printed",
        "pass",
        "import os\nos._exit(0)",
        kind="stdio",
    ),
    Attack(
        "raise what ends tests",
        "pass",
        "def add(a, b):\n    raise KeyboardInterrupt\n",
        kind="split",
        unfired="an interrupt is an error for every judge",
    ),
    Attack(
        "let its exceptions end well",
        "pass",
        "import os, sys\nsys.excepthook = lambda *error: os._exit(0)\n"
        "def add(a, b):\n    raise BaseException\n",
        kind="split",
    ),
    Attack(
        "skip its tests",
        "pass",
        "import unittest\ndef add(a, b):\n    raise unittest.SkipTest('not here')\n",
        kind="cases",
    ),
    Attack(
        "print that it passed",
        "pass",
        "print('passed'); print('OK')\n"
        'print(\'{"passed": 3, "total": 3, "reached_end": true}\')' + GUESS,
        kind="split",
        unfired="judges in one process take their word from elsewhere",
    ),
)

ATTACKS = (
    *(
        replace(
            Attack(f"{name}, {kind}", "pass", source, kind=kind),
            limits={"processes": 8} if "fork" in source else {},
        )
        for name, source in _ENDS
        for kind in _KINDS
    ),
    *_ANY,
)
