"""The Hugging Face copy of a dataset. The one file that imports `datasets`."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from evalctl.errors import DatasetError, DatasetMissingError
from evalctl.sources import arrow_rows
from evalctl.sources.declared import HubPart
from evalctl.sources.row import Line, without_bytes

CONNECT_SECONDS = 3.0


def is_offline() -> bool:
    """Whether the hub must not or cannot be reached from here.

    True where `HF_HUB_OFFLINE` or `HF_DATASETS_OFFLINE` is set, or where no connection to the hub
    comes about within three seconds.
    """
    if any(os.environ.get(name, "0") not in {"", "0"} for name in _OFFLINE_VARIABLES):
        return True
    return not reaches_hub()


def reaches_hub() -> bool:
    """Return whether the hub answers at its address; through a proxy that is for it to find out."""
    from urllib.request import getproxies  # heavy: a listing needs no network

    if getproxies().keys() & {"http", "https", "all"}:
        return True
    from huggingface_hub import constants

    address = urlsplit(os.environ.get("HF_ENDPOINT") or constants.ENDPOINT)
    port = address.port or (80 if address.scheme == "http" else 443)
    try:
        with socket.create_connection((address.hostname or "", port), timeout=CONNECT_SECONDS):
            return True
    except OSError:
        return False


_OFFLINE_VARIABLES = ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE")


def is_cached(part: HubPart) -> bool:
    """Whether the hub's local cache holds something of this dataset. Imports nothing heavy."""
    if Path(part.path).is_dir():
        return True
    home = Path(os.environ.get("HF_HOME", Path.home() / ".cache" / "huggingface"))
    cache = Path(os.environ.get("HF_DATASETS_CACHE", home / "datasets"))
    return (cache / part.path.replace("/", "___")).is_dir()


def read_hub(part: HubPart) -> Iterator[Line]:
    """Yield the rows of a hub dataset, from the local cache where it is there.

    Raises:
        DatasetMissingError: It is neither cached nor to be had.
        DatasetError: It has no such configuration or split.
    """
    if not is_cached(part) and is_offline():
        raise DatasetMissingError(
            f"its hub copy {part.path} is not on this machine and the hub cannot be reached."
        )
    import datasets

    datasets.disable_progress_bars()
    try:
        rows = datasets.load_dataset(
            part.path, part.config, split=part.split, revision=part.revision
        )
    except (OSError, ValueError, datasets.exceptions.DatasetsError) as error:
        raise DatasetError(f"hub dataset {part.path!r}: {_first_line(error)}") from error
    shown = [name for name, kind in rows.features.items() if isinstance(kind, datasets.Image)]
    for name in shown:
        rows = rows.cast_column(name, datasets.Image(decode=False))
    places = _places(rows) if shown else iter(())
    for index, row in enumerate(rows):
        yield _line(row, f"{part.path}[{index}]", next(places, None))


def _places(rows: Any) -> Iterator[tuple[Path, int]]:  # noqa: ANN401  datasets has no types
    """Yield, for each row, the file of the local cache that holds it and its place in there."""
    for file in rows.cache_files:
        path = Path(file["filename"])
        yield from ((path, number) for number in range(arrow_rows.count_rows(path)))


def _line(row: Mapping[str, object], location: str, place: tuple[Path, int] | None) -> Line:
    line = Line({}, location) if place is None else without_bytes(row, *place, location)
    return line._replace(data=json.loads(json.dumps(line.data or row, default=str)))


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:300]
