"""What an estimate of memory says, for people and as JSON."""

from __future__ import annotations

from typing import Literal

from evalctl.records import Record

Verdict = Literal["fits", "fits_fewer", "tight", "does_not_fit", "unknown"]
"""`fits_fewer`: not all the sequences that the engine may work on at once have room for their
longest form; it works on fewer then. `tight`: the least need fits and the expected one does not."""

FITS_NOT: Verdict = "does_not_fit"


class MemoryEstimate(Record):
    """What a model needs, what the machine has, and the verdict. Sizes are in bytes."""

    place: Literal["GPU", "RAM", "unknown"]
    """Where the model is put."""
    total_bytes: int | None = None
    """What the place has: of all GPUs that are used, or of the machine or its container."""
    free_bytes: int | None = None
    """What of it is free now."""
    devices: int = 0
    """GPUs that the model is spread over; 0 in RAM."""
    weights_bytes: int | None = None
    """The weights, over all devices."""
    weights_source: Literal["files", "parameters"] | None = None
    """What that was worked out from."""
    dtype: str = ""
    """Of weights and cache."""
    cache_bytes_per_token: int | None = None
    """What each token adds to the key-value cache; None where the configuration is not here."""
    tokens_per_sequence: int | None = None
    """The length that sequences are counted with: what will be asked at most, or the context."""
    sequences_asked: int | None = None
    """How many the engine may work on at once."""
    sequences_that_fit: int | None = None
    """How many of that length have room at once; None where unknown."""
    cache_bytes: int | None = None
    """Size of the cache in the expected need."""
    working_bytes: int = 0
    """Activations, libraries, and what is there twice while weights are converted."""
    expected_bytes: int | None = None
    """What will most likely be used; None where nothing is known."""
    least_bytes: int | None = None
    """What it cannot do without."""
    verdict: Verdict = "unknown"
    """Whether it fits."""
    reason: str = ""
    """Why it does not fit, or is tight: for people, with the numbers."""
    guesses: tuple[str, ...] = ()
    """What was not known and had to be assumed or left out."""


def size_text(size: float) -> str:
    """Return a size for people, in decimal units."""
    if size < 1e9:
        return f"{size / 1e6:.0f} MB"
    return f"{size / 1e9:.0f} GB" if size >= 10e9 else f"{size / 1e9:.1f} GB"
