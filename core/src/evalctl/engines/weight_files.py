"""Weight files of a model folder: whether all are there and whole, and what identifies them.

Only headers are read, except for small files that are hashed. Nothing is unpickled.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from evalctl.errors import ModelError
from evalctl.sources.files import hash_file

SMALL_BYTES = 64 << 20
"""Up to this size in all, weights are identified by their contents."""

_POINTER = b"version https://git-lfs.github.com/spec/"
_LONGEST_HEADER = 100 << 20
"""Source: the safetensors format allows headers of up to 100 MB."""


class Tensor(NamedTuple):
    """What a safetensors file's header says of a tensor."""

    dtype: str
    """As the format names it: `F16`, `I32`."""
    shape: tuple[int, ...]


class WeightFiles(NamedTuple):
    """The files, sorted by name."""

    paths: tuple[Path, ...]
    total_bytes: int

    def marks(self) -> Iterator[tuple[str, str]]:
        """Yield name and identity of each: a hash of the contents, or of size and header."""
        is_small = self.total_bytes <= SMALL_BYTES
        for path in self.paths:
            yield path.name, hash_file(path) if is_small else _header_mark(path)

    def tensors(self) -> Iterator[tuple[str, Tensor]]:
        """Yield the names of tensors in safetensors files, whose headers `find` has checked."""
        for path in self.paths:
            with path.open("rb") as file:
                header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
            for name, entry in header.items():
                if not name.startswith("__"):
                    yield name, Tensor(str(entry["dtype"]), tuple(entry["shape"]))


def find(folder: Path, model: str) -> WeightFiles:
    """Return the weight files that an engine will load.

    Raises:
        ModelError: There are none, one that an index names is missing, or one is broken.
    """
    paths = _listed(folder, model)
    if not paths:
        raise ModelError(
            f"model {model}: {folder} has no weights (*.safetensors or *.bin); download them, or "
            "give the folder that has them"
        )
    for path in paths:
        _check_file(path, model)
    return WeightFiles(paths, sum(path.stat().st_size for path in paths))


def refuse_pointer(head: bytes, path: Path, model: str) -> None:
    """Raise ModelError where a file's beginning shows a Git LFS pointer."""
    if head.startswith(_POINTER):
        raise ModelError(
            f"model {model}: {path} is only a Git LFS pointer; run `git lfs pull` in its folder"
        )


def _listed(folder: Path, model: str) -> tuple[Path, ...]:
    for pattern in ("*.safetensors", "*.bin"):
        indices = sorted(folder.glob(f"{pattern}.index.json"))
        if indices:
            return _indexed(folder, indices[0], model)
        found = sorted(path for path in folder.glob(pattern) if _is_weight(path))
        if found:
            return tuple(found)
    return ()


def _is_weight(path: Path) -> bool:
    """Return whether it is a model's weight file and not a trainer's state."""
    return path.suffix == ".safetensors" or path.name.startswith(("pytorch_model", "model"))


def _indexed(folder: Path, index: Path, model: str) -> tuple[Path, ...]:
    try:
        names = sorted(set(json.loads(index.read_bytes())["weight_map"].values()))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(
            f"model {model}: {index} is not a weight index (JSON with a weight_map)"
        ) from error
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        raise ModelError(
            f"model {model}: {len(missing)} of {len(names)} weight files named by {index} are "
            f"missing, the first is {missing[0]}; finish the download"
        )
    return tuple(folder / name for name in names)


def _check_file(path: Path, model: str) -> None:
    with path.open("rb") as file:
        head = file.read(200)
    refuse_pointer(head, path, model)
    if not head:
        raise ModelError(f"model {model}: {path} is empty; download it again")
    if path.suffix == ".safetensors":
        _check_safetensors(path, model)


def _check_safetensors(path: Path, model: str) -> None:
    """Compare what the header announces with the file's size.

    Source: safetensors format: 8 bytes of header length, little endian, then JSON, then data.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if size < 8 or length > min(size - 8, _LONGEST_HEADER):
            raise ModelError(
                f"model {model}: {path} is cut off or no safetensors file: its header should have "
                f"{length} bytes, the file has {size}; download it again"
            )
        try:
            header = json.loads(file.read(length))
            ends = [entry["data_offsets"][1] for name, entry in header.items() if name[:2] != "__"]
        except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
            raise ModelError(
                f"model {model}: the header of {path} cannot be read; download it again"
            ) from error
    expected = 8 + length + max(ends, default=0)
    if size < expected:
        raise ModelError(
            f"model {model}: {path} is cut off: it has {size} of {expected} bytes; download it "
            "again"
        )


def _header_mark(path: Path) -> str:
    """Return size and a hash of the header, or of the first megabyte where there is none."""
    with path.open("rb") as file:
        length = 1 << 20
        if path.suffix == ".safetensors":
            length = 8 + int.from_bytes(file.read(8), "little")
            file.seek(0)
        digest = hashlib.sha256(file.read(length)).hexdigest()
    return f"{path.stat().st_size}:{digest}"
