"""Attacks over sockets, with no network and with one inside."""

from __future__ import annotations

from dataclasses import replace

from .attack import CALLS, Attack

_REACHING = (
    Attack(
        "reach a listener over IPv4",
        "contact",
        "import socket\nsocket.create_connection(('127.0.0.1', @PORT@), 1).send(b'x')",
    ),
    Attack(
        "reach a listener over IPv6",
        "contact",
        "import socket\nsocket.create_connection(('::1', @PORT6@), 1).send(b'x')",
    ),
    Attack(
        "send a datagram",
        "contact",
        "import socket\nsocket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x',"
        " ('127.0.0.1', @DATAGRAM@))",
    ),
    Attack(
        "reach an abstract socket",
        "contact",
        "import socket\nsocket.socket(socket.AF_UNIX).connect('\\0@ABSTRACT@')",
    ),
    Attack(
        "send to an abstract socket",
        "contact",
        "import socket\nsocket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b'x',"
        " '\\0@ABSTRACT@-datagram')",
    ),
    Attack(
        "reach a socket in a folder",
        "contact",
        "import socket\nsocket.socket(socket.AF_UNIX).connect('@SOCKET@')",
    ),
)
_WITHOUT_DENIAL = (
    Attack(
        "make a socket that speaks to the kernel",
        "told",
        "import socket\nif socket.socket(16, socket.SOCK_RAW, 0): print(PROOF)",
    ),
    Attack(
        "list the interfaces and routes of the host",
        "told",
        """
import socket
names = {name for _, name in socket.if_nameindex()}
routes = open('/proc/net/route').read().splitlines()[1:]
if names - {'lo'} or routes or len(names) > 0: print(PROOF)
""",
    ),
    Attack(
        "connect through the ring of requests",
        "told",
        CALLS + "if call('io_uring_setup', 4, (ctypes.c_char * 256)()) >= 0: print(PROOF)",
    ),
    Attack(
        "make a socket by the other set of call numbers",
        "told",
        CALLS + "if call('socket', 1, 1, 0, plus=0x40000000) >= 0: print(PROOF)",
        unfired="most kernels know no such numbers",
    ),
    Attack(
        "make a socket as a program of 32 bits",
        "told",
        CALLS
        + """
import mmap
code = bytes.fromhex('53b867010000bb01000000b90100000031d2cd805bc3')
page = mmap.mmap(-1, 4096, prot=7)
page.write(code)
at = ctypes.addressof(ctypes.c_char.from_buffer(page))
if os.uname().machine == 'x86_64' and ctypes.CFUNCTYPE(ctypes.c_int)(at)() >= 0: print(PROOF)
""",
    ),
    Attack(
        "loosen the filter of calls with one of its own",
        "told",
        CALLS
        + """
import struct
rules = ctypes.create_string_buffer(struct.pack('=HBBI', 6, 0, 0, 0x7fff0000))
head = ctypes.create_string_buffer(struct.pack('@HP', 1, ctypes.addressof(rules)))
libc.prctl(38, 1, 0, 0, 0)
if call('seccomp', 1, 1, head) == 0 and call('socket', 2, 1, 0) >= 0: print(PROOF)
""",
    ),
    Attack(
        "make sockets of rare families",
        "told",
        """
import socket
for family in (15, 17, 29, 31, 38, 40, 41, 44):
    for kind in (1, 2, 3, 5):
        try:
            socket.socket(family, kind, 0)
            print(PROOF)
        except OSError:
            pass
""",
    ),
)
_FINDING_PORT = """
import socket
server = socket.socket()
server.bind(('127.0.0.1', 28711))
"""

ATTACKS = (
    *_REACHING,
    *(
        replace(attack, name=f"{attack.name}, with a loopback", network="loopback")
        for attack in _REACHING
    ),
    *_WITHOUT_DENIAL,
    Attack(
        "keep a port from the next one",
        "state",
        """
import socket
server = socket.socket()
server.bind(('127.0.0.1', 28711))
server.listen()
client = socket.create_connection(server.getsockname())
end = server.accept()[0]
end.shutdown(2); end.close(); client.close(); server.close()
""",
        network="loopback",
        known={"bwrap": "executions in one sandbox share its network, and what its ports remember"},
        look=_FINDING_PORT.replace("server.bind", "try:\n    server.bind")
        + "except OSError:\n    print(PROOF)\n",
    ),
)
