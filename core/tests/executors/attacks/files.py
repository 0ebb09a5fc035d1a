"""Attacks on files of the host."""

from __future__ import annotations

from .attack import CALLS, Attack

ATTACKS = (
    Attack("read a secret in the home folder", "told", "print(open('@SECRET@').read())"),
    Attack(
        "read a secret through a link",
        "told",
        "import os\nos.symlink('@SECRET@', 'alias')\nprint(open('alias').read())",
    ),
    Attack(
        "read a secret through the root folders of processes",
        "told",
        """
import glob
for root in glob.glob('/proc/[0-9]*/root') + glob.glob('/proc/[0-9]*/cwd'):
    try:
        print(open(root + '@SECRET@').read())
    except OSError:
        pass
""",
    ),
    Attack(
        "read a secret through descriptors of processes",
        "told",
        """
import glob
for file in glob.glob('/proc/[0-9]*/fd/*'):
    try:
        if __import__('os').readlink(file).startswith('@HOME@'):
            print(open(file).read())
    except OSError:
        pass
""",
    ),
    Attack(
        "read a secret by way of parent folders",
        "told",
        "import os\nprint(open('/'.join(['..'] * 40) + '@SECRET@').read())",
    ),
    Attack(
        "read a secret with a program of the system",
        "told",
        "import os, sys\nos.execv(sys.executable, [sys.executable, '-I', '-S', '-c',"
        " \"print(open('@SECRET@').read())\"])",
    ),
    Attack("read the system's users", "told", "if open('/etc/passwd').read(): print(PROOF)"),
    Attack("list the home folder", "told", "import os\nif os.listdir('@HOME@'): print(PROOF)"),
    Attack(
        "see that a secret exists",
        "told",
        "import os\nif os.path.exists('@SECRET@'): print(PROOF)",
        is_residue=True,
    ),
    Attack("write into the home folder", "mark", "open('@MARK@', 'w').write('x')"),
    Attack("write into the temporary folder", "mark", "open('@TEMPORARY@', 'w').write('x')"),
    Attack("write into the lasting folder", "mark", "open('@LASTING@', 'w').write('x')"),
    Attack("write into shared memory", "mark", "open('@SHARED@', 'w').write('x')"),
    Attack("make a folder in the home folder", "mark", "import os\nos.mkdir('@MARK@')"),
    Attack("make a link in the home folder", "mark", "import os\nos.symlink('/nowhere', '@MARK@')"),
    Attack("make a pipe in the home folder", "mark", "import os\nos.mkfifo('@MARK@')"),
    Attack("overwrite a secret", "mark", "open('@SECRET@', 'w').write('x')"),
    Attack("remove a secret", "mark", "import os\nos.unlink('@SECRET@')"),
    Attack("open a secret to everybody", "mark", "import os\nos.chmod('@SECRET@', 0o644)"),
    Attack("backdate a secret", "mark", "import os\nos.utime('@SECRET@', (1, 1))"),
    Attack("give a secret a second name", "mark", "import os\nos.link('@SECRET@', '@MARK@')"),
    Attack(
        "truncate a secret",
        "mark",
        "import os\nos.truncate('@SECRET@', 0)",
    ),
    Attack(
        "open a secret by its handle",
        "told",
        CALLS
        + """
handle = ctypes.create_string_buffer(136)
ctypes.memmove(handle, (128).to_bytes(4, 'little'), 4)
mount = ctypes.c_int()
if call('name_to_handle', -100, b'@SECRET@', handle, ctypes.byref(mount), 0) == 0:
    folder = os.open('/', os.O_RDONLY)
    print(os.read(call('name_to_handle', folder, handle, 0, plus=1), 999))
""",
        unfired="the kernel wants a capability for it",
    ),
    Attack(
        "write among the interpreter's modules",
        "state",
        "import os\nopen(os.path.dirname(os.__file__) + '/@NAME@.py', 'w').write('x = 1')",
        look="import @NAME@\nprint(PROOF)",
        unfired="the containment, too, shows the interpreter read-only",
    ),
    Attack(
        "write through a descriptor opened for reading",
        "told",
        """
import os
with open(os.__file__, 'rb') as file:
    again = os.open(f'/proc/self/fd/{file.fileno()}', os.O_RDWR)
    if os.pwrite(again, b'#', 0): print(PROOF)
""",
        unfired="the containment, too, shows the interpreter read-only",
    ),
    Attack(
        "read the disk's device",
        "told",
        """
import os, glob
for path in glob.glob('/dev/[vshn][dv]*') + ['/dev/mem', '/dev/kmsg', '/dev/kvm', '/dev/fuse']:
    try:
        if os.open(path, os.O_RDONLY): print(PROOF)
    except OSError:
        pass
""",
        unfired="the containment has no such devices",
    ),
)
