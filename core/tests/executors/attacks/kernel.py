"""Attacks that ask the kernel for more than a program needs."""

from __future__ import annotations

from .attack import CALLS, Attack

NEW_USER = 0x10000000
_ROOT = """
open('/proc/self/setgroups', 'w').write('deny')
open('/proc/self/uid_map', 'w').write(f'0 {me} 1')
open('/proc/self/gid_map', 'w').write(f'0 {group} 1')
"""


def _in_namespace(flags: int, then: str) -> str:
    """Return a program that makes namespaces, becomes root in them, and goes on."""
    return (
        f"{CALLS}\nme, group = os.getuid(), os.getgid()\n"
        f"if call('unshare', {NEW_USER | flags:#x}) == 0:{_ROOT.replace(chr(10), chr(10) + '    ')}"
        f"\n    {then}\n"
    )


ATTACKS = (
    Attack(
        "make a namespace of users",
        "told",
        CALLS + "if call('unshare', 0x10000000) == 0: print(PROOF)",
    ),
    Attack("become root", "told", _in_namespace(0, "if os.getuid() == 0: print(PROOF)")),
    Attack(
        "make a namespace of users by the newest call",
        "told",
        CALLS
        + """
import struct
given = ctypes.create_string_buffer(struct.pack('=8Q', 0x10000000, 0, 0, 0, 17, 0, 0, 0))
child = call('clone3', given, 64)
if child == 0: os._exit(0)
if child > 0: print(PROOF)
""",
        limits={"processes": 8},
    ),
    Attack(
        "mount a file system",
        "told",
        _in_namespace(
            0x20000, "if libc.mount(b'x', b'/tmp', b'tmpfs', 0, None) == 0: print(PROOF)"
        ),
    ),
    Attack(
        "mount with no new namespace",
        "told",
        CALLS
        + "if libc.mount(b'/', b'/tmp', None, 4096, None) == 0 or call('fsopen', b'tmpfs', 0) >= 0"
        " or call('open_tree', -100, b'/', 1) >= 0: print(PROOF)",
        unfired="the kernel wants a capability for it",
    ),
    Attack(
        "change the root folder",
        "told",
        _in_namespace(0, "os.chroot('/tmp'); print(PROOF)"),
    ),
    Attack(
        "make a network of its own",
        "told",
        _in_namespace(0x40000000, "print(PROOF)"),
    ),
    Attack(
        "enter the namespaces of other processes",
        "told",
        CALLS
        + """
import glob
for path in glob.glob('/proc/[0-9]*/ns/*'):
    try:
        if call('setns', os.open(path, os.O_RDONLY), 0) == 0: print(PROOF)
    except OSError:
        pass
""",
        unfired="the kernel wants a capability for it",
    ),
    Attack(
        "store a key",
        "told",
        CALLS
        + """
if call('add_key', b'user', b'@NAME@', b'x', 1, -4) >= 0: print(PROOF)
""",
    ),
    Attack(
        "make memory that has no owner",
        "told",
        CALLS + "if call('memfd_create', b'x', 0) >= 0: print(PROOF)",
    ),
    Attack(
        "handle faults of memory by itself",
        "told",
        CALLS + "if call('userfaultfd', 1) >= 0: print(PROOF)",
    ),
    Attack(
        "watch the processor and load programs into the kernel",
        "told",
        CALLS + "given = (ctypes.c_char * 128)(1, 0, 0, 0, 112)\n"
        "if call('perf_event_open', given, 0, -1, -1, 0) >= 0 or call('bpf', 0, given, 72) >= 0:"
        " print(PROOF)",
        unfired="most kernels keep it from users",
    ),
    Attack(
        "read shared memory of System V",
        "told",
        CALLS
        + """
number = call('shmget', @KEY@, 0, 0)
libc.shmat.restype = ctypes.c_void_p
at = libc.shmat(number, None, 0)
if at not in (None, 2 ** 64 - 1): print(ctypes.string_at(at, 64))
""",
    ),
    Attack("read shared memory of POSIX", "told", "print(open('/dev/shm/@NAME@').read())"),
    Attack(
        "make a queue of messages",
        "told",
        CALLS + "if call('mq_open', b'@NAME@', 0o102, 0o600, 0) >= 0: print(PROOF)",
    ),
    Attack(
        "type into its terminal",
        "told",
        """
import fcntl, os
master, slave = os.openpty()
if not os.fork():
    os.setsid()
    os.open(os.ttyname(slave), os.O_RDWR)
    try:
        for letter in 'id':
            fcntl.ioctl(slave, 0x5412, letter.encode())
        print(PROOF, flush=True)
    except OSError as error:
        print(error)
    os._exit(0)
os.wait()
""",
        limits={"processes": 8},
    ),
    Attack(
        "change settings of the kernel",
        "told",
        """
import glob
for path in ('kernel/hostname', 'kernel/core_pattern', 'vm/drop_caches', 'net/ipv4/ip_forward'):
    try:
        with open('/proc/sys/' + path, 'r+') as file:
            kept = file.read() if path != 'vm/drop_caches' else '1'
            file.seek(0); file.write(kept)
        print(PROOF)
    except OSError:
        pass
""",
        unfired="an ordinary user may not",
    ),
    Attack(
        "leave its memory to the host's handler of crashes",
        "told",
        """
import ctypes, resource
ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)
dumpable = ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)
if dumpable == 1 and resource.getrlimit(resource.RLIMIT_CORE)[0] != 1: print(PROOF)
""",
    ),
    Attack(
        "take back what was given up",
        "told",
        CALLS
        + """
for act in (lambda: os.setuid(0), lambda: os.setgid(0), lambda: os.setgroups([0]),
            lambda: os.setresuid(0, 0, 0), lambda: os.nice(-5),
            lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(9)),
            lambda: __import__('resource').setrlimit(7, (1 << 20, 1 << 20))):
    try:
        act()
        print(PROOF)
    except (OSError, ValueError):
        pass
""",
        unfired="an ordinary user may not",
    ),
    Attack(
        "touch the devices of the host",
        "told",
        """
import os
for name in ('null', 'zero', 'full', 'tty', 'urandom'):
    before = os.stat('/dev/' + name).st_mtime_ns
    try:
        os.utime('/dev/' + name)
    except OSError:
        continue
    if os.stat('/dev/' + name).st_mtime_ns != before: print(PROOF)
""",
        known={"bwrap": "devices are mounts of the host's own, and writable"},
        is_residue=True,
    ),
    Attack(
        "change what all programs see in the folder of devices",
        "state",
        "import os\n"
        "for act in (lambda: os.mkdir('/dev/@NAME@'), lambda: os.chmod('/dev/pts', 0o700),\n"
        "            lambda: os.utime('/dev/pts', (1, 1)), lambda: os.chmod('/dev/null', 0o600)):\n"
        "    try:\n        act()\n    except OSError:\n        pass\n",
        look="import os\nfound = os.stat('/dev/pts')\n"
        "if os.path.exists('/dev/@NAME@') or found.st_mtime == 1 or found.st_mode & 7 == 0:\n"
        "    print(PROOF)",
    ),
)
