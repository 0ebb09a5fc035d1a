"""Programs that speak wrongly to the tests in the other sandbox, over the socket between them."""

from __future__ import annotations

from .attack import GUESS, Attack

_SENDING = """
import json, os, socket, struct
peer = socket.socket(fileno=os.dup(4))
def tell(data):
    data = data if isinstance(data, bytes) else json.dumps(data).encode()
    peer.sendall(struct.pack('>I', len(data)) + data)
def hear():
    (length,) = struct.unpack('>I', peer.recv(4, socket.MSG_WAITALL))
    return json.loads(peer.recv(length, socket.MSG_WAITALL))
"""
_GREETINGS = (
    ("that lacks everything", "{}"),
    ("that is a list", "[]"),
    ("of wrong types", "{'functions': 3, 'modules': [], 'others': None}"),
    (
        "that offers a module for the function",
        "{'functions': [], 'modules': {'add': 'os'}, 'others': []}",
    ),
    ("that names no module", "{'functions': [], 'modules': {'add': {'x': 1}}, 'others': []}"),
    ("that calls the function a class", "{'functions': [], 'modules': {}, 'others': ['add']}"),
    ("that says it failed", "{'failed': [1]}"),
)
_ANSWERS = (
    ("an error that is none", "{'error': 'object', 'message': []}"),
    ("an error that ends iterations", "{'error': 'StopIteration', 'message': 'x'}"),
    ("an error that ends everything", "{'error': 'SystemExit', 'message': '0'}"),
    ("that its value cannot cross", "{'unsupported': 'x' * 100000}"),
    ("changed arguments", "{'value': 5, 'args': [{'d': []}, 1, 2, 3]}"),
    ("changed arguments of no form", "{'value': 5, 'args': {'q': 1}}"),
    ("nothing", "{}"),
    ("a tag that is none", "{'value': {'__import__': 'os'}}"),
    ("two tags", "{'value': {'i': '0x5', 'f': '5'}}"),
    ("an endless range", "{'value': {'r': ['0x0', '0x' + 'f' * 15, '0x1']}}"),
    ("a number of a million digits", "{'value': {'i': '0x' + 'f' * 1000000}}"),
    ("a number in a million figures", "b'{\"value\": ' + b'9' * 1000000 + b'}'"),
    ("what is no number", "{'value': {'f': 'nan'}}"),
    ("keys that are all alike", "{'value': {'s': [((1 << 61) - 1) * n for n in range(1, 40000)]}}"),
    ("deep lists", "b'{\"value\":' + b'[' * 900 + b']' * 900 + b'}'"),
    ("deep tags", "b'{\"value\":' + b'{\"t\":[' * 400 + b']}' * 400 + b'}'"),
    ("what cannot be hashed", "{'value': {'s': [[1]]}}"),
    ("broken text", "{'error': 'ValueError', 'message': '\\ud800' * 999}"),
    ("three answers to every call", "{'value': 5}); tell({'value': 5}); tell({'value': 5}"),
)
_HELLO = "{'functions': ['add'], 'modules': {}, 'others': []}"
_LEFT = "another judge speaks no such protocol"

ATTACKS = (
    *(
        Attack(
            f"greet with something {name}",
            "pass",
            f"{_SENDING}tell({greeting})\n{GUESS}",
            kind="split",
            limits={"wall_seconds": 2.0},
            unfired=_LEFT,
        )
        for name, greeting in _GREETINGS
    ),
    *(
        Attack(
            f"answer with {name}",
            "pass",
            f"{_SENDING}tell({_HELLO})\nwhile True:\n    hear()\n    tell({answer})\n",
            kind="split",
            limits={"wall_seconds": 1.0},
            unfired=_LEFT,
        )
        for name, answer in _ANSWERS
    ),
    Attack(
        "send descriptors to the tests",
        "pass",
        f"{_SENDING}\nimport array\ntell({_HELLO})\nfor n in range(200):\n"
        "    socket.send_fds(peer, [b'x'], [0, 1, 2, 3])\n",
        kind="split",
        limits={"wall_seconds": 1.0},
        unfired=_LEFT,
    ),
    Attack(
        "report in the place of the tests",
        "pass",
        'import os\nos.write(3, b\'{"passed": 3, "total": 3, "reached_end": true}\')\n'
        "os._exit(0)\n",
        kind="split",
    ),
)
