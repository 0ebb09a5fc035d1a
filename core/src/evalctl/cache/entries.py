"""A generation as it is kept: compressed JSON with a checksum, and back. Pure functions.

The checksum covers the address as well, so an entry that turns up under another's is noticed.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from typing import NamedTuple

from evalctl.errors import EvalctlError
from evalctl.records import Generation, Prompt

MAX_TEXT_BYTES = 64 << 20
"""Of one entry when it is unpacked; a bigger one is refused before memory is spent on it."""

LEVEL = 3
"""Of zlib."""

_NAMES = ("dataset", "sample_id")


class DamageError(EvalctlError):
    """What is stored is not what was written."""


class Entry(NamedTuple):
    """What stands under an address."""

    mark: bytes
    """Checksum over address and data."""
    data: bytes
    """Compressed."""


def pack(address: bytes, generation: Generation) -> Entry | None:
    """Return what is written; None where it is larger than what is read back."""
    aside = {*_NAMES, "lost_requests"}  # those were paid by the run that lost them
    content = generation.model_dump(mode="python", exclude=aside, exclude_defaults=True)
    written = json.dumps(content, separators=(",", ":"), ensure_ascii=False)
    text = written.encode("utf-8", "surrogatepass")  # as `json.loads` reads it
    if len(text) > MAX_TEXT_BYTES:
        return None
    data = zlib.compress(text, LEVEL)
    return Entry(_mark(address, data), data)


def unpack(address: bytes, entry: Entry, prompt: Prompt | None = None) -> Generation:
    """Return the generation under the prompt's dataset and id, or with neither of them named.

    Raises:
        DamageError: The checksum is wrong, or the content is no generation.
    """
    if not (isinstance(entry.mark, bytes) and isinstance(entry.data, bytes)):
        raise DamageError("an entry is of the wrong type")
    if _mark(address, entry.data) != entry.mark:
        raise DamageError("an entry's checksum is wrong")
    try:
        unpacker = zlib.decompressobj()
        text = unpacker.decompress(entry.data, MAX_TEXT_BYTES)
        if unpacker.unconsumed_tail or not unpacker.eof:
            raise DamageError("an entry is cut off, or too large")
        content = json.loads(text)
        names = (prompt.dataset, prompt.sample_id) if prompt is not None else ("", "")
        return Generation.model_validate({**content, **dict(zip(_NAMES, names, strict=True))})
    except (zlib.error, ValueError, TypeError, RecursionError) as error:
        raise DamageError(f"an entry does not validate: {type(error).__name__}") from error


def fits(generation: Generation, prompt: Prompt) -> bool:
    """Return whether a generation answers a prompt in full.

    A completion that ended before the prompt's own limit was cut off by the context in force, which
    may depend on how much memory was free: it is asked for again. Of several turns with one that
    was cut off, nobody can tell whether it was by the limit, unless all of them were.
    """
    if prompt.continuations:
        return len(generation.continuations) == len(prompt.continuations)
    if generation.labels:
        return True
    limit = prompt.sampling.max_tokens * (len(prompt.later_turns) + 1)
    return len(generation.completions) == prompt.n and not any(
        completion.is_truncated and 0 < completion.output_tokens < limit
        for completion in generation.completions
    )


def _mark(address: bytes, data: bytes) -> bytes:
    return hashlib.blake2b(address + data, digest_size=16).digest()
