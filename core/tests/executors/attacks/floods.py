"""Attacks that fill disks, output and the memory of whoever reads it."""

from __future__ import annotations

from .attack import GUESS, Attack

_DISK = {"disk_bytes": 16 << 20, "file_bytes": 8 << 20, "inodes": 500}
_WRITING = """
import os
total = 0
{before}
try:
    for n in range({count}):
        {write}
except OSError:
    pass
print('amount', total)
"""
_MANY = "import os\n{}\ntry: print('x ' * 500000)\nexcept OSError: pass\n"

ATTACKS = (
    Attack(
        "fill the disk with many files",
        "amount",
        _WRITING.format(
            before="",
            count=40,
            write="total += os.write(os.open(f'f{n}', os.O_CREAT | os.O_WRONLY), bytes(1 << 20))",
        ),
        limits=_DISK,
        allowed=17 << 20,
        is_residue=True,
    ),
    Attack(
        "fill the disk with one file",
        "amount",
        _WRITING.format(
            before="import signal; signal.signal(25, signal.SIG_IGN)\n"
            "file = os.open('f', os.O_CREAT | os.O_WRONLY)",
            count=40,
            write="total += os.write(file, bytes(1 << 20))",
        ),
        limits=_DISK,
        allowed=9 << 20,
    ),
    Attack(
        "fill the disk with files that have no name",
        "amount",
        _WRITING.format(
            before="",
            count=40,
            write="file = os.open('f', os.O_CREAT | os.O_WRONLY); os.unlink('f'); "
            "total += os.write(file, bytes(1 << 20))",
        ),
        limits=_DISK,
        allowed=17 << 20,
        is_residue=True,
    ),
    Attack(
        "fill the disk by asking for room",
        "amount",
        _WRITING.format(
            before="",
            count=20,
            write="file = os.open(f'f{n}', os.O_CREAT | os.O_WRONLY); "
            "os.posix_fallocate(file, 0, 4 << 20); total += os.fstat(file).st_blocks * 512",
        ),
        limits=_DISK,
        allowed=17 << 20,
        is_residue=True,
    ),
    Attack(
        "fill both folders",
        "amount",
        _WRITING.format(
            before="",
            count=80,
            write="total += os.write(os.open(f\"{('/tmp', '/dev/shm')[n % 2]}/f{n}\", "
            "os.O_CREAT | os.O_WRONLY), bytes(1 << 20))",
        ),
        limits=_DISK | {"processes": 8},
        allowed=33 << 20,
    ),
    Attack(
        "make many files",
        "amount",
        _WRITING.format(before="", count=3000, write="open(f'f{n}', 'w').close(); total += 1"),
        limits=_DISK,
        allowed=500,
        is_residue=True,
    ),
    Attack(
        "make many folders in folders",
        "amount",
        _WRITING.format(before="", count=1500, write="os.mkdir('d'); os.chdir('d'); total += 1"),
        limits=_DISK,
        allowed=500,
    ),
    Attack(
        "make many links",
        "amount",
        _WRITING.format(before="", count=1500, write="os.symlink('x' * 200, f'l{n}'); total += 1"),
        limits=_DISK,
        allowed=500,
        is_residue=True,
    ),
    Attack(
        "flood the output",
        "growth",
        "import os\nfor n in range(100): os.write(1, b'x' * (1 << 20))",
    ),
    Attack(
        "flood the errors",
        "growth",
        "import os\nfor n in range(100): os.write(2, b'x' * (1 << 20))",
    ),
    Attack(
        "flood the report",
        "growth",
        "import os\nfor n in range(100): os.write(3, b'x' * (1 << 20))",
    ),
    Attack(
        "flood the report of judged calls with lines",
        "growth",
        "import os\nfor n in range(60): os.write(3, b'abc\\n' * (1 << 18))",
        kind="values",
    ),
    Attack(
        "report just as much as is read",
        "growth",
        "import os\nos.write(3, b'{\"value\": [' + b'[],' * 1390000 + b'[]]}\\n')\nos._exit(0)",
        kind="values",
        unfired="only a judge that reads values outside falls for it",
    ),
    Attack(
        "report just as much as is read, beside the tests",
        "growth",
        "import os\nos.write(3, b'{\"error\": [' + b'[],' * 1390000 + b'[]]}\\n')\nos._exit(0)",
        kind="beside",
        unfired="only a judge that reads values outside falls for it",
    ),
    Attack(
        "print just as much as is read, on every input",
        "growth",
        _MANY.format(""),
        kind="stdio",
    ),
    Attack(
        "print and report just as much as is read, on every input",
        "growth",
        _MANY.format("os.write(3, b'x' * 4100000)"),
        kind="stdio",
    ),
    Attack(
        "flood the socket of its judge",
        "growth",
        "import os\nos.set_blocking(4, True)\nwhile True: os.write(4, b'x' * 65536)" + GUESS,
        kind="split",
        limits={"wall_seconds": 0.5},
        unfired="judges in one process have no such socket",
    ),
    Attack(
        "give its judge one message of four gigabytes",
        "growth",
        "import os\ndef add(a, b):\n    os.write(4, b'\\xff\\xff\\xff\\xff')\n"
        "    while True: os.write(4, b'[' * 65536)",
        kind="split",
        limits={"wall_seconds": 1.0},
        unfired="judges in one process have no such socket",
    ),
    Attack(
        "give its judge lists in lists without end",
        "growth",
        "import os\ndef add(a, b):\n    data = b'{\"value\":' + b'[' * 2000000\n"
        "    os.write(4, len(data).to_bytes(4, 'big') + data); os._exit(0)",
        kind="split",
        unfired="judges in one process have no such socket",
    ),
    Attack(
        "raise an error with a long and broken message",
        "judge",
        "def add(a, b):\n    raise ValueError('\\ud800' * 100000)\nraise ValueError('\\ud800' * 9)",
        kind="values",
        unfired="judges in one process keep no messages",
    ),
    Attack(
        "return a number as a key that cannot be written",
        "judge",
        "def add(a):\n    return {1 << 20000: 2, '2': 3}",
        kind="mapping",
        unfired="only a judge that reads values outside falls for it",
    ),
    Attack(
        "report lists in lists as its last words",
        "judge",
        "import os\nlists = b'[' * 985 + b']' * 985\n"
        'os.write(3, b\'{"error": "x", "message":\' + lists + b\'}\')\nos._exit(1)',
        kind="values",
        unfired="only a judge that reads values outside falls for it",
    ),
)
