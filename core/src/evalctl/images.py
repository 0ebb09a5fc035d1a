"""Images: read from disk when they are wanted, and decoded within bounds.

The one file that imports Pillow, whose own limits are set here. An image is untrusted: whatever is
wrong with one is an `ImageError`, which becomes the error of the one generation that wanted it. How
an image is shown to a model is up to the engines.
"""

from __future__ import annotations

import base64
import hashlib
import io
import math
import warnings
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from evalctl.errors import EvalctlError
from evalctl.records import ImageRef, Prompt

if TYPE_CHECKING:
    from types import ModuleType

    from PIL.Image import Image

MAX_FILE_BYTES = 64 << 20
"""A larger file is not read."""
MAX_PIXELS = 1 << 26
"""An image with more pixels (67 million: A4 at 800 dots to the inch) is not decoded."""
MAX_TEXT_BYTES = 1 << 20
"""Of what a PNG says about itself, unpacked."""
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
"""The only ones that are tried: their decoders are many programs' daily bread."""
_SENT_AS_IT_IS = {"PNG": "image/png", "JPEG": "image/jpeg"}
_JPEG_QUALITY = 95
_WHITE = (255, 255, 255)
_PARQUET = b"PAR1"
_ARROW = b"ARROW1"


class ImageError(EvalctlError):
    """One image cannot be shown to a model; the message says which and why."""


class EncodedImage(NamedTuple):
    """An image as it is sent to a server."""

    media_type: str
    """Such as `image/png`."""
    data: str
    """Its bytes in base 64."""


def reference(path: Path) -> ImageRef:
    """Return a reference to an image's file; without a digest where it cannot be read."""
    try:
        status = path.stat()
        digest = _digest(str(path), status.st_mtime_ns, status.st_size)
    except (OSError, ImageError):
        digest = ""
    return ImageRef(path=str(path), digest=digest)


def images_of(prompt: Prompt) -> tuple[ImageRef, ...]:
    """Return all images of a prompt, in the order in which they are shown."""
    shown = (image for message in prompt.messages for image in message.images)
    return (*prompt.images, *shown)


def contents(images: Iterable[ImageRef]) -> list[str]:
    """Return what tells images apart wherever they lie: digests, and paths where there are none."""
    return [image.digest or f"{image.path}:{image.row}:{image.column}" for image in images]


def read_image(image: ImageRef) -> bytes:
    """Return an image's bytes as they are stored.

    Raises:
        ImageError: It is not there, too large, or no longer what it was when it was referred to.
    """
    try:
        data = _read_file(Path(image.path)) if image.row is None else _read_cell(image)
    except OSError as error:
        raise ImageError(f"image {_where(image)}: {error.strerror or error}") from None
    if image.digest and hashlib.sha256(data).hexdigest() != image.digest:
        raise ImageError(f"image {_where(image)}: it has changed since the dataset was read")
    return data


def open_image(image: ImageRef, max_pixels: int | None = None) -> Image:
    """Return an image as it is to be seen: upright, in RGB, on white where it is transparent.

    Args:
        image: The image.
        max_pixels: The most that it may have; a larger one is made smaller, in proportion. None
            leaves it as it is.

    Raises:
        ImageError: It cannot be read or decoded, is an animation, or is larger than is decoded.
    """
    data = read_image(image)
    try:
        return decode(data, max_pixels)
    except ImageError as error:
        raise ImageError(f"image {_where(image)}: {error}") from None


def decode(data: bytes, max_pixels: int | None = None) -> Image:
    """Return bytes as an image; see `open_image`.

    Raises:
        ImageError: As there, without the image's name.
    """
    pillow = _pillow()
    try:
        with (
            warnings.catch_warnings(action="error", category=pillow.DecompressionBombWarning),
            pillow.open(io.BytesIO(data), formats=_FORMATS) as opened,
        ):
            _refuse(opened)
            _draft(opened, max_pixels)
            opened.load()
            return _within(_flat(_upright(opened)), max_pixels)
    except ImageError:
        raise
    except (pillow.DecompressionBombError, pillow.DecompressionBombWarning):
        raise ImageError(f"it has more than {MAX_PIXELS:,} pixels") from None
    except pillow.UnidentifiedImageError:
        known = ", ".join(_FORMATS)
        raise ImageError(f"it is no image of a known kind ({known})") from None
    except Exception as error:  # noqa: BLE001  decoders of broken data raise anything
        raise ImageError(f"it is broken: {type(error).__name__}: {error}"[:300]) from None


def encode(image: ImageRef, max_pixels: int | None = None) -> EncodedImage:
    """Return an image as it is sent: its own bytes where nothing has to be done to it.

    What is sent anew is a JPEG where it was one, else a PNG, and says nothing but its pixels.

    Raises:
        ImageError: See `open_image`.
    """
    data = read_image(image)
    try:
        seen = decode(data, max_pixels)
        with _pillow().open(io.BytesIO(data), formats=_FORMATS) as opened:
            kind = "JPEG" if opened.format in {"JPEG", "MPO"} else "PNG"
            is_same = opened.size == seen.size and not opened.info.keys() & {"exif", "transparency"}
            is_plain = opened.mode in {"RGB", "L"} and opened.format in _SENT_AS_IT_IS
    except ImageError as error:
        raise ImageError(f"image {_where(image)}: {error}") from None
    if not (is_same and is_plain):
        written = io.BytesIO()
        seen.save(written, kind, quality=_JPEG_QUALITY)
        data = written.getvalue()
    return EncodedImage(_SENT_AS_IT_IS[kind], base64.b64encode(data).decode())


def _pillow() -> ModuleType:
    """Return `PIL.Image` with its limits set.

    Raises:
        ImageError: Pillow is not installed.
    """
    try:
        from PIL import Image, PngImagePlugin
    except ImportError:
        raise ImageError("images need Pillow; pip install 'evalctl[images]'") from None
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    PngImagePlugin.MAX_TEXT_MEMORY = MAX_TEXT_BYTES
    return Image


def _refuse(opened: Image) -> None:
    """Raise ImageError for what its header tells: too many pixels, or several pictures in one.

    A photograph with a preview behind it (MPO) is one picture.
    """
    width, height = opened.size
    if width * height > MAX_PIXELS:
        raise ImageError(
            f"it has {width:,} x {height:,} pixels; at most {MAX_PIXELS:,} are decoded"
        )
    if opened.format != "MPO" and getattr(opened, "is_animated", False):
        raise ImageError("it is an animation; a model is shown one picture")


def _draft(opened: Image, max_pixels: int | None) -> None:
    """Have a JPEG that will be made smaller decoded at half its size, or less, where that does."""
    size = _smaller(opened.size, max_pixels)
    if size != opened.size:
        opened.draft("RGB", size)


def _upright(opened: Image) -> Image:
    """Return an image turned as its EXIF data say."""
    from PIL import ImageOps

    return ImageOps.exif_transpose(opened)


def _flat(image: Image) -> Image:
    """Return an image in RGB, on white where it is transparent, 16 bits as 8."""
    if image.mode.startswith("I"):
        image = image.point(lambda value: value * (1 / 256)).convert("L")
    if not image.has_transparency_data:
        return image.convert("RGB")
    layer = image.convert("RGBA")
    ground = _pillow().new("RGB", layer.size, _WHITE)
    ground.paste(layer, mask=layer.getchannel("A"))
    return ground  # type: ignore[no-any-return]  # a module held as a value has no types


def _within(image: Image, max_pixels: int | None) -> Image:
    size = _smaller(image.size, max_pixels)
    return image if size == image.size else image.resize(size, _pillow().Resampling.LANCZOS)


def _smaller(size: tuple[int, int], max_pixels: int | None) -> tuple[int, int]:
    """Return the largest size of the same proportions that has at most so many pixels."""
    width, height = size
    if max_pixels is None or width * height <= max_pixels:
        return size
    scale = math.sqrt(max_pixels / (width * height))
    return max(1, math.floor(width * scale)), max(1, math.floor(height * scale))


def _read_file(path: Path) -> bytes:
    """Return a file's bytes.

    Raises:
        ImageError: It is no regular file, or too large.
        OSError: It cannot be read.
    """
    if not path.is_file():
        state = "it is no file" if path.exists() else "there is no such file"
        raise ImageError(f"image {path}: {state}")
    with path.open("rb") as file:
        data = file.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        raise ImageError(f"image {path}: it is larger than {MAX_FILE_BYTES:,} bytes")
    return data


@lru_cache(maxsize=4096)
def _digest(path: str, modified: int, size: int) -> str:
    """Return the SHA-256 of a file's bytes; of the same file it is not computed again."""
    del modified, size  # they tell whether it is the same
    return hashlib.sha256(_read_file(Path(path))).hexdigest()


def _read_cell(image: ImageRef) -> bytes:
    """Return the bytes in a Parquet file's cell.

    Raises:
        ImageError: There is no such cell, or no bytes in it.
    """
    from pyarrow import ArrowException  # heavy: only where such a file is read

    assert image.row is not None, "a file that is an image is read elsewhere"
    try:
        with Path(image.path).open("rb") as file:
            is_parquet = file.read(len(_PARQUET)) == _PARQUET
        read = _parquet_cell if is_parquet else _arrow_cell
        data = read(image.path, image.row, image.column)
    except (ArrowException, LookupError) as error:
        raise ImageError(f"image {_where(image)}: not to be read: {error}") from None
    if not isinstance(data, bytes) or len(data) > MAX_FILE_BYTES:
        raise ImageError(f"image {_where(image)}: no bytes, or more than {MAX_FILE_BYTES:,}")
    return data


def _parquet_cell(path: str, row: int, column: str) -> object:
    from pyarrow import parquet

    with parquet.ParquetFile(path) as file:
        group, first = _group_of(file.metadata, row)
    return _column(path, group, column)[row - first].as_py()


def _arrow_cell(path: str, row: int, column: str) -> object:
    """Return a cell of an Arrow file or stream, of which nothing else is read."""
    from pyarrow import ipc, memory_map

    first = 0
    with memory_map(path) as source:
        is_file = source.read(len(_ARROW)) == _ARROW
        source.seek(0)
        reader = ipc.open_file(source) if is_file else ipc.open_stream(source)
        batches = map(reader.get_batch, range(reader.num_record_batches)) if is_file else reader
        for batch in batches:
            if row < first + batch.num_rows:
                outer, *inner = column.split(".")
                return _field(batch.column(outer), inner)[row - first].as_py()
            first += batch.num_rows
    raise LookupError(f"it has {first} rows")


def _group_of(metadata: Any, row: int) -> tuple[int, int]:  # noqa: ANN401  likewise
    """Return the row group that holds a row, and the group's first row."""
    first = 0
    for group in range(metadata.num_row_groups):
        count = metadata.row_group(group).num_rows
        if row < first + count:
            return group, first
        first += count
    raise LookupError(f"it has {first} rows")


@lru_cache(maxsize=1)
def _column(path: str, group: int, column: str) -> Any:  # noqa: ANN401  pyarrow has no types
    """Return one column of one row group; the last one is kept, as rows come in order."""
    from pyarrow import parquet

    outer, *inner = column.split(".")
    with parquet.ParquetFile(path) as file:
        return _field(file.read_row_group(group, columns=[column]).column(outer), inner)


def _field(cells: Any, names: Iterable[str]) -> Any:  # noqa: ANN401  pyarrow has no types
    """Return a field of a column, and so on inwards."""
    from pyarrow import compute

    for name in names:
        cells = compute.struct_field(cells, name)
    return cells


def _where(image: ImageRef) -> str:
    return image.path if image.row is None else f"{image.path}[{image.row}].{image.column}"
