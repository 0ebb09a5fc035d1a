"""What was measured of two sides: ratios, and first of all why they are not of the models alone."""

from __future__ import annotations

from collections.abc import Iterator

from evalctl.comparing.settings import differing_lines
from evalctl.comparing.sides import RunSide
from evalctl.measurements import Against, Measurement
from evalctl.measuring import against

_HARDWARE = ("machine", "cpu", "cores", "memory_bytes", "gpus")
"""What of a manifest's hardware is told where machines differ."""
_PROTOCOL = {
    "sessions": "sessions, each of which loads the model anew",
    "warm_up": "prompts to warm up in each session",
    "requests": "prompts of a level at least",
    "most_at_once": "the most prompts under way at once",
    "max_tokens": "the limit on new tokens of an answer",
}
"""What a protocol's settings are, by name; see `MeasuringSpec`."""


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
    for name in sorted(ours.protocol.keys() | theirs.protocol.keys()):
        one_set, other_set = (side.protocol.get(name) for side in (ours, theirs))
        if one_set != other_set:
            yield (
                f"measured otherwise: {_PROTOCOL.get(name, name)}: {_number(one_set)} against "
                f"{_number(other_set)}"
            )
    yield (
        "measured in different runs: what else went on then is in the ratios; `evalctl run "
        "--against` measures in turns"
    )


def _number(setting: float | None) -> str:
    return "not set" if setting is None else f"{setting:g}"
