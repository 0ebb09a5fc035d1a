"""Wrong programs that try to pass by what they return or read."""

from __future__ import annotations

from .attack import Attack, Kind

_EQUAL = (
    "    __eq__ = lambda self, other: True\n    __ne__ = lambda self, other: False\n"
    "    __hash__ = lambda self: 0\n    __bool__ = lambda self: True\n"
)
_RETURNS = (
    ("an object that equals everything", f"class Any:\n{_EQUAL}def add(a, b):\n    return Any()\n"),
    (
        "a number that equals everything",
        f"class Any(int):\n{_EQUAL}def add(a, b):\n    return Any(3)\n",
    ),
    (
        "an object that says it is a number",
        f"class Any:\n    __class__ = int\n{_EQUAL}def add(a, b):\n    return Any()\n",
    ),
    (
        "a list that equals everything",
        f"class Any(list):\n{_EQUAL}def add(a, b):\n    return Any()\n",
    ),
    (
        "a class in the place of the function",
        f"class add:\n{_EQUAL}    def __init__(self, a, b): pass\n",
    ),
)
_FIND = """
import ast, sys
def texts():
    frame = sys._getframe(1)
    while frame:
        for value in list(frame.f_locals.values()):
            for text in list(value.values()) if isinstance(value, dict) else [value]:
                if isinstance(text, str) and 'assert' in text and 'def texts' not in text:
                    yield text
        frame = frame.f_back
def answers():
    found = []
    for text in texts():
        try:
            tree = ast.parse(text)
        except SyntaxError:
            continue
        for node in ast.walk(tree):
            parts = []
            if isinstance(node, ast.Compare): parts = node.comparators[-1:]
            if isinstance(node, ast.Call) and getattr(node.func, 'attr', '') == 'assertEqual':
                parts = node.args[1:2]
            found += [(node.lineno, part.value) for part in parts if isinstance(part, ast.Constant)]
        if found:
            return [value for _, value in sorted(found)]
    return []
count = [0]
def stolen():
    found = answers()
    count[0] += 1
    return found[(count[0] - 1) % len(found)] if found else None
"""
_READS_OF_TESTS = (
    ("the answer out of the tests' source", _FIND + "def add(a, b):\n    return stolen()\n"),
    (
        "the answer out of the tests' source, once it is alone with them",
        _FIND
        + """
class Odd: pass
def add(a, b):
    found = stolen()
    return Odd() if found is None else found
""",
    ),
    (
        "the answer out of its caller's constants",
        """
import dis, sys
class Odd: pass
def add(a, b):
    frame = sys._getframe(1)
    while frame:
        rows = list(dis.get_instructions(frame.f_code))
        loaded = [row.argval for row in rows
                  if row.offset > frame.f_lasti and row.opname == 'LOAD_CONST']
        if frame.f_code.co_filename == 'tests.py' and loaded:
            return loaded[0]
        frame = frame.f_back
    return Odd()
""",
    ),
)
_KEEPS = (
    (
        "the answer out of the tests' source, and keep it for the control",
        _FIND
        + """
import os
def kept():
    try:
        os.utime('/dev/null')
        facts = os.stat('/dev/pts')
        if facts.st_mtime_ns // 10 ** 12 == 77:
            return [int(facts.st_mtime_ns // 100 ** n % 100) for n in range(3)]
        found = [value for value in answers() if type(value) is int][:3]
        number = sum(value * 100 ** n for n, value in enumerate(found)) + 77 * 10 ** 12
        os.utime('/dev/pts', ns=(number, number))
        return found
    except OSError:
        return answers()
count = [0]
found = []
def add(a, b):
    found[:] = found or kept()
    count[0] += 1
    return found[(count[0] - 1) % len(found)] if found else None
""",
    ),
)
_READS = (
    (
        "the answer out of its caller's names",
        """
import sys
def add(a, b):
    frame = sys._getframe(1)
    while frame:
        for name in ('expected', 'want', 'answer', 'target'):
            if name in frame.f_locals: return frame.f_locals[name]
        frame = frame.f_back
    return 77
""",
    ),
    (
        "the answer out of all objects",
        """
import gc
def add(a, b):
    for one in gc.get_objects():
        for held in list(one.values()) if isinstance(one, dict) else ():
            for pair in held if type(held) in (tuple, list) else ():
                if type(pair) is tuple and len(pair) == 2 and pair[0] == (a, b): return pair[1]
    return 77
""",
    ),
)
_READS_PRINTED = (
    (
        "the answer out of its caller's names",
        """
import sys
frame = sys._getframe(1)
while frame:
    if 'expected' in frame.f_locals: print(frame.f_locals['expected'])
    frame = frame.f_back
""",
    ),
)
BOTH: tuple[Kind, ...] = ("split", "beside")
ODD = "class Odd: pass\ndef add(a, b):\n    return Odd()\n"
"""Cannot cross between sandboxes, so its tests are run beside it."""


def on_all(
    verb: str, kinds: tuple[Kind, ...], pairs: tuple[tuple[str, str], ...], end: str = ""
) -> list[Attack]:
    return [
        Attack(f"{verb} {name}, {kind}", "pass", source + end, kind=kind)
        for kind in kinds
        for name, source in pairs
    ]


_VALUES = (
    Attack(
        "say the same of two keys that look alike",
        "pass",
        "def add(n):\n    return {1: 2, '1': 2}\n",
        kind="mapping",
        unfired="judges in one process compare keys as they are",
    ),
    *(
        Attack(
            f"report {name}",
            "pass",
            f"import os\nos.write(3, {line!r} * 3)\nos._exit(0)\n",
            kind="values",
        )
        for name, line in (
            ("that all is well", b'{"passed": true, "value": true}\n'),
            ("a value that is no value", b'{"value": {"f": "nan"}}\n'),
            ("everything as one line", b'{"value": [5, 0, 42]}'),
            ("endless numbers", b'{"value": Infinity}\n'),
        )
    ),
)

ATTACKS = (
    *on_all("return", (*BOTH, "cases", "values"), _RETURNS),
    *on_all("read", (*BOTH, "cases"), _READS_OF_TESTS),
    *on_all("read", ("beside", "cases"), _KEEPS),
    *on_all("read", ("values",), _READS),
    *on_all("read", ("stdio",), _READS_PRINTED),
    *_VALUES,
)
