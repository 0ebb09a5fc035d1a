"""Wrong programs that try to pass by changing what judges them, or by reporting in its place."""

from __future__ import annotations

from dataclasses import replace

from .attack import GUESS, Attack
from .forging import BOTH, ODD, on_all

_PATCHES = (
    (
        "what is reported",
        """
import json
real = json.JSONEncoder.encode
def encode(self, told):
    if isinstance(told, dict) and 'total' in told:
        told = dict(told, passed=max(told['total'], 1), total=max(told['total'], 1),
                    reached_end=True, raised=0, held=['Tests.test_' + x for x in 'abc'])
    return real(self, told)
json.JSONEncoder.encode = encode
""",
    ),
    (
        "how tests are compiled",
        """
import builtins, re
real = compile
def softened(source, *rest, **named):
    if isinstance(source, str):
        source = re.sub('(?m)^assert .*', 'assert True', source)
        source = re.sub(r'self\\.assert\\w+', 'print', source)
    return real(source, *rest, **named)
builtins.compile = softened
""",
    ),
    (
        "which lines of its judge run",
        """
import dis, sys
def line_of(code):
    rows = list(dis.get_instructions(code))
    if code.co_name == 'saw':
        at = [n for n, row in enumerate(rows) if row.argval == 'passed']
        return next(row.starts_line for row in reversed(rows[:at[0] + 1]) if row.starts_line)
    return max(line for *_, line in code.co_lines() if line)
def trace(frame, event, argument):
    code = frame.f_code
    asserts = code.co_filename == 'tests.py' and 'Tests' not in code.co_names
    asserts = asserts and '__evalctl_judge__' not in frame.f_globals
    wanted = code.co_name in ('saw', 'addFailure', 'addError') or asserts
    if event == 'line' and wanted:
        try:
            if frame.f_lineno < line_of(code): frame.f_lineno = line_of(code)
        except ValueError:
            pass
    return trace
sys.settrace(trace)
""",
    ),
)
_PATCHES_OF_ASSERTS = (
    (
        "truth itself",
        """
import builtins
builtins.bool = lambda *given: True
import guest.runners.asserts as a
a.bool = builtins.bool
""",
    ),
    (
        "how asserts are counted",
        """
import guest.runners.asserts as a
def saw(self, number, value): self.passed += 1; self.reached.add(number)
a.Tally.saw = saw
a.Tally.raised = saw
""",
    ),
    (
        "how tests are parsed",
        """
import ast
real = ast.parse
ast.parse = lambda *given, **named: real('assert True\\nassert True\\nassert True')
""",
    ),
    (
        "the class of their errors",
        """
import builtins
class Quiet(Exception): pass
builtins.AssertionError = Quiet
import os, sys
sys.excepthook = lambda *error: os._exit(0)
""",
    ),
)
_PATCHES_OF_CASES = (
    (
        "how test cases run",
        """
import unittest
unittest.TestCase.run = lambda self, result=None: result
unittest.TestCase.__call__ = unittest.TestCase.run
""",
    ),
    (
        "what its tests assert",
        """
import unittest
for name in dir(unittest.TestCase):
    if name.startswith('assert'): setattr(unittest.TestCase, name, lambda *a, **k: None)
""",
    ),
    (
        "what one of its asserts does",
        """
import unittest
unittest.TestCase._getAssertEqualityFunc = lambda *a: lambda *a, **k: None
""",
    ),
    (
        "how failures are kept",
        """
import unittest
for name in ('addFailure', 'addError', 'addSubTest'):
    setattr(unittest.TestResult, name, lambda *a: None)
""",
    ),
    (
        "what fails a test",
        """
import unittest
unittest.TestCase.failureException = unittest.SkipTest
unittest.TestResult.addSkip = lambda *a: None
""",
    ),
    (
        "how test classes are made",
        """
import unittest
def strip(cls, **named):
    cls._class_cleanups, cls._classSetupFailed = [], False
    for name in list(vars(cls)):
        if name.startswith('test'): setattr(cls, name, lambda self: None)
unittest.TestCase.__init_subclass__ = classmethod(strip)
""",
    ),
    (
        "which tests are found",
        """
import unittest
class Easy(unittest.TestCase):
    def test_a(self): pass
real = unittest.TestLoader.loadTestsFromTestCase
unittest.TestLoader.loadTestsFromTestCase = lambda self, case: real(self, Easy)
""",
    ),
    (
        "which module the tests get",
        """
import sys, types, unittest
class Case(unittest.TestCase):
    assertEqual = lambda *a, **k: None
fake = types.ModuleType('unittest')
fake.__dict__.update(vars(unittest)); fake.TestCase = Case
sys.modules['unittest'] = fake
""",
    ),
    (
        "how modules are imported",
        """
import builtins, unittest
class Case(unittest.TestCase):
    assertEqual = lambda *a, **k: None
real = builtins.__import__
def find(name, *rest):
    found = real(name, *rest)
    if name == 'unittest': found.TestCase = Case
    return found
builtins.__import__ = find
""",
    ),
)
_REPORTS = """
import json, os, sys
def forge():
    frame, found = sys._getframe(1), {}
    while frame:
        for value in [frame.f_locals, *frame.f_locals.values()]:
            if isinstance(value, dict):
                found.update({k: v for k, v in value.items() if k in ('nonce', 'is_control')})
        frame = frame.f_back
    if found.get('is_control'): return
    for held in ([], [0, 1, 2], ['Tests.test_' + x for x in 'abc']):
        report = {'nonce': found.get('nonce', ''), 'passed': 3, 'total': 3, 'reached_end': True}
        yield {**report, 'held': held}
"""
_CHANNEL = (
    (
        "report for its judge and leave",
        _REPORTS
        + "for one in forge(): os.write(3, json.dumps(one).encode() + b'\\n'); os._exit(0)\n",
    ),
    (
        "report for its judge to every descriptor and go on",
        _REPORTS + "for one in forge():\n    for fd in range(3, 64):\n"
        "        try: os.write(fd, json.dumps(one).encode())\n        except OSError: pass\n"
        + GUESS,
    ),
    (
        "report for its judge and close the way",
        _REPORTS + "for one in list(forge())[-1:]:\n    os.write(3, json.dumps(one).encode())\n"
        "    os.dup2(os.open('/dev/null', os.O_RDWR), 3)\n" + GUESS,
    ),
    (
        "report for its judge unless it is a control",
        "import sys, guest.runners.asserts as a\nframe, control = sys._getframe(), False\n"
        "while frame:\n    job = frame.f_locals.get('job')\n"
        "    control = control or isinstance(job, dict) and bool(job.get('is_control'))\n"
        "    frame = frame.f_back\n"
        "def saw(self, number, value): self.passed += 1; self.reached.add(number)\n"
        "if not control: a.Tally.saw = saw; a.Tally.raised = saw\n"
        "import unittest\n"
        "if not control: unittest.TestCase.run = lambda self, result=None: result\n",
    ),
)

_PASSED_BY = {
    "patch which lines of its judge run": "a counted assert is one line, with no way around it",
    "patch truth itself": "asserts are counted without looking up `bool`",
    "patch how tests are parsed": "tests are compiled before the program runs",
}
"""Patches of what our runner does not do, and so without effect in the naive judge built on it."""

_HANGS = {"patch which lines of its judge run, beside": {"wall_seconds": 1.5}}
"""The tracer keeps jumping back, so that no longer limit would show more."""

_MADE: tuple[Attack, ...] = (
    *on_all("patch", (*BOTH, "cases"), _PATCHES, ODD),
    *on_all("patch", BOTH, _PATCHES_OF_ASSERTS, ODD),
    *on_all("patch", ("cases",), _PATCHES_OF_CASES, ODD),
    *on_all("forge a", (*BOTH, "cases"), _CHANNEL, ODD),
)
ATTACKS = tuple(
    replace(
        attack,
        unfired=_PASSED_BY.get(attack.name.rpartition(", ")[0], attack.unfired),
        limits=_HANGS.get(attack.name, attack.limits),
    )
    for attack in _MADE
)
