"""Attacks on other processes: their secrets, their lives, their settings."""

from __future__ import annotations

from .attack import CALLS, Attack

READ_PARENT = (
    CALLS
    + """
class Vector(ctypes.Structure):
    _fields_ = [('base', ctypes.c_void_p), ('length', ctypes.c_size_t)]
def look_into(pid):
    for line in open(f'/proc/{pid}/maps'):
        if 'rw-p' not in line: continue
        start, end = (int(part, 16) for part in line.split()[0].split('-'))
        for at in range(start, end, 1 << 20):
            size = min(1 << 20, end - at)
            held = ctypes.create_string_buffer(size)
            ours, theirs = Vector(ctypes.addressof(held), size), Vector(at, size)
            call('process_vm_readv', pid, ctypes.byref(ours), 1, ctypes.byref(theirs), 1, 0)
            print([b'@PREFIX@' + part[:24] for part in held.raw.split(b'@PREFIX@')[1:]])
"""
)
_ALL = "import glob\nfor file in glob.glob('/proc/[0-9]*/{}'):\n    "
_TRY = "try: print(open(file, 'rb').read())\n    except OSError: pass"

ATTACKS = (
    Attack("read its own environment", "told", "import os\nprint(dict(os.environ))"),
    Attack(
        "read its own first environment",
        "told",
        "print(open('/proc/self/environ', 'rb').read())",
    ),
    Attack("read everybody's environment", "told", _ALL.format("environ") + _TRY),
    Attack("read everybody's arguments", "told", _ALL.format("cmdline") + _TRY),
    Attack(
        "read the supervisor's environment",
        "told",
        "print(open('/proc/@SUPERVISOR@/environ', 'rb').read())",
    ),
    Attack(
        "read the memory of its parent and of the supervisor",
        "told",
        READ_PARENT + "for pid in (os.getppid(), @SUPERVISOR@): look_into(pid)",
    ),
    Attack(
        "read the victim's memory file",
        "told",
        """
for line in open('/proc/@VICTIM@/maps'):
    if '[stack]' in line:
        start, end = (int(part, 16) for part in line.split()[0].split('-'))
        with open('/proc/@VICTIM@/mem', 'rb') as memory:
            memory.seek(start)
            print(memory.read(end - start))
""",
    ),
    Attack(
        "trace the victim",
        "told",
        CALLS + "if call('ptrace', 16, @VICTIM@, 0, 0) == 0: print(PROOF)",
    ),
    Attack(
        "trace its parent",
        "told",
        CALLS + "pid = os.getppid() or @VICTIM@\nif call('ptrace', 0x4206, pid, 0, 0) == 0:"
        " print(PROOF)",
    ),
    Attack(
        "take a descriptor from the supervisor",
        "told",
        CALLS
        + """
for pid in (@SUPERVISOR@, os.getppid(), 1):
    handle = call('pidfd_open', pid, 0)
    for number in range(64) if handle >= 0 else ():
        taken = call('pidfd_getfd', handle, number, 0)
        if taken >= 0 and os.readlink(f'/proc/self/fd/{taken}').startswith('@HOME@'):
            print(os.pread(taken, 999, 0))
""",
    ),
    Attack(
        "use what it was left open",
        "told",
        """
import os
for number in range(3, 256):
    for read in (lambda: os.pread(number, 9999, 0), lambda: os.listdir(number)):
        try:
            print(number, read())
        except OSError:
            pass
""",
        unfired="Python itself closes descriptors for what it starts",
    ),
    Attack("end the victim", "victim", "import os\nos.kill(@VICTIM@, 9)"),
    Attack("ask the victim to end", "victim", "import os\nos.kill(@VICTIM@, 15)"),
    Attack("stop the victim", "victim", "import os\nos.kill(@VICTIM@, 19)"),
    Attack(
        "end the victim by its handle",
        "victim",
        CALLS + "call('pidfd_send_signal', call('pidfd_open', @VICTIM@, 0), 9, 0, 0)",
    ),
    Attack(
        "end the victim by its thread", "victim", CALLS + "call('tgkill', @VICTIM@, @VICTIM@, 9)"
    ),
    Attack(
        "queue a signal for the victim",
        "victim",
        CALLS + "information = (ctypes.c_int * 32)(9, 0, -1)\n"
        "call('rt_sigqueueinfo', @VICTIM@, 9, information)",
    ),
    Attack("end the victim's group", "victim", "import os\nos.killpg(@VICTIM@, 9)"),
    Attack("end its parent", "judge", "import os\nos.kill(os.getppid(), 9)"),
    Attack("end the supervisor", "judge", "import os\nos.kill(@SUPERVISOR@, 9)"),
    Attack(
        "stop the supervisor",
        "judge",
        "import os\nos.kill(@SUPERVISOR@, 19)",
        limits={"wall_seconds": 0.5},
    ),
    Attack("end its own group", "judge", "import os\nos.kill(0, 9)"),
    Attack("end everybody", "judge", "import os\nos.kill(-1, 9)", limits={"processes": 8}),
    Attack(
        "end the first processes",
        "told",
        "import os\nfor pid in (1, 2, 3):\n    for number in (9, 15, 19):\n"
        "        if pid != os.getpid(): os.kill(pid, number)\n"
        "print(open('/proc/2/environ').read())",
        limits={"processes": 8},
        unfired="it ends its own judge before it can tell",
    ),
    Attack(
        "send every signal to its parent from a child",
        "time",
        """
import os, time
if not os.fork():
    for number in range(1, 65):
        for pid in (1, os.getppid()):
            try:
                os.kill(pid, number) if number not in (9, 19) else None
            except OSError:
                pass
    time.sleep(60)
time.sleep(60)
""",
        limits={"processes": 8, "wall_seconds": 0.5},
    ),
    Attack(
        "take the victim's descriptors away",
        "victim",
        CALLS + "call('prlimit64', @VICTIM@, 7, (ctypes.c_ulong * 2)(3, 3), 0)",
    ),
    Attack(
        "bind the victim to one core",
        "victim",
        "import os\nos.sched_setaffinity(@VICTIM@, {min(os.sched_getaffinity(0))})",
    ),
    Attack(
        "make the victim wait",
        "victim",
        "import os\nos.setpriority(os.PRIO_PROCESS, @VICTIM@, 19)",
    ),
    Attack(
        "make everybody of its user wait",
        "victim",
        "import os\nos.setpriority(os.PRIO_USER, 0, 19)",
    ),
    Attack(
        "compare itself with the supervisor",
        "told",
        CALLS + "if call('kcmp', os.getpid(), @SUPERVISOR@, 1, 0, 0) >= 0: print(PROOF)",
    ),
    Attack(
        "ask the socket of its judge who is there",
        "told",
        """
import ctypes, os, socket
pair = socket.socket(fileno=4)
handle = pair.getsockopt(socket.SOL_SOCKET, 77)
if ctypes.CDLL(None).syscall(424, handle, 0, 0, 0) == 0:
    print(PROOF)
"""
        + "def add(a, b):\n    return 1234\n",
        kind="split",
        unfired="judges in one process have no such socket",
    ),
)
