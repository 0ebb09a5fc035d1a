"""What was measured of two sides: ratios, and first of all why they are not of the models alone."""

from __future__ import annotations

from collections.abc import Iterator

from evalctl.comparing.settings import differing_lines
from evalctl.comparing.sides import RunSide
from evalctl.measurements import Against, Measurement
from evalctl.measuring import against

_HARDWARE = ("machine", "cpu", "cores", "memory_bytes", "gpus")
"""What of a manifest's hardware is told where machines differ."""


def measured_against(a: RunSide, b: RunSide) -> Against | None:
    """Return the ratios of what was measured of two sides; None where one was not measured."""
    ours, theirs = a.result.measurement, b.result.measurement
    if ours is None or theirs is None:
        return None
    is_in_turns = a.folder.path.resolve() == b.folder.path.resolve()
    cautions = () if is_in_turns else tuple(_cautions((a, ours), (b, theirs)))
    return against((a.model, ours), (b.model, theirs), cautions)


def _cautions(
    one: tuple[RunSide, Measurement], other: tuple[RunSide, Measurement]
) -> Iterator[str]:
    (a, ours), (b, theirs) = one, other
    if ours.machine != theirs.machine:
        kept = [{name: side.facts.hardware.get(name) for name in _HARDWARE} for side in (a, b)]
        differing = "; ".join(differing_lines("", kept[0], kept[1]))
        yield (
            f"measured on different machines ({ours.machine} against {theirs.machine}"
            f"{f'; {differing}' if differing else ''}): the ratios are of machines and models "
            "together"
        )
    protocols = dict(ours.protocol), dict(theirs.protocol)
    yield from differing_lines("measured with another", *protocols)
    yield (
        "measured in different runs: what else went on then is in the ratios; `evalctl run "
        "--against` measures in turns"
    )
