"""In which encoding a file seems to be that is not UTF-8, and how it becomes UTF-8."""

from __future__ import annotations

import codecs
from pathlib import Path

from evalctl.sources.opening import PackedError, open_bytes

_LOOKED_AT = 1 << 20
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_COMMON = (
    *("cp1252", "cp1251", "koi8_r", "cp1256"),
    *("shift_jis", "euc_jp", "gb18030", "big5", "euc_kr"),
)
"""What data are kept in besides UTF-8; of rarer encodings a guess is mostly wrong."""


def remedy(path: Path, name: str, member: str = "") -> str:
    """Return what a file seems to be written in, with the command that mends it; nothing for UTF-8.

    Args:
        path: The file.
        name: What people call it.
        member: Its name within the zip archive that `path` is.
    """
    try:
        with open_bytes(path, member) as file:
            head = file.read(_LOOKED_AT)
    except (OSError, PackedError):
        return ""
    if not (found := _encoding_of(head)):
        return ""
    command = f"iconv -f {found} -t utf-8 {name.rpartition('/')[2]}"
    return f"{name} seems to be written in {found}: `{command}` makes it UTF-8"


def _encoding_of(head: bytes) -> str:
    """Return the likeliest encoding of text that is not UTF-8; nothing where it is, or no text."""
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        from charset_normalizer import from_bytes  # rarely needed

        best = from_bytes(head, cp_isolation=[*_COMMON]).best()
        return best.encoding.replace("_", "-") if best is not None else ""
    return ""
