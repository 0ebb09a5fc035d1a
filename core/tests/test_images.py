"""Images from files and from Parquet cells: what is seen of them, and what is refused."""

from __future__ import annotations

import base64
import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evalctl import images
from evalctl.images import ImageError, encode, open_image, reference
from evalctl.records import ImageRef, Message, Prompt

Image: Any = pytest.importorskip("PIL.Image")


def written(path: Path, picture: Any, **options: object) -> ImageRef:  # noqa: ANN401
    picture.save(path, **options)
    return reference(path)


def png_claiming(width: int, height: int) -> bytes:
    """Return a PNG of a few bytes that says that it has so many pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + checksum

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 999)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def animation(kind: str) -> bytes:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    file = io.BytesIO()
    frames[0].save(file, kind, save_all=True, append_images=frames[1:])
    return file.getvalue()


def cut() -> bytes:
    file = io.BytesIO()
    Image.effect_noise((64, 64), 50).save(file, "PNG")
    return file.getvalue()[:900]


def text_bomb() -> bytes:
    from PIL.PngImagePlugin import PngInfo

    info, file = PngInfo(), io.BytesIO()
    info.add_text("comment", "a" * (8 << 20), zip=True)
    Image.new("L", (2, 2)).save(file, "PNG", pnginfo=info)
    return file.getvalue()


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "a decompression bomb": (lambda: png_claiming(50_000, 50_000), "pixels"),
    "a large one that Pillow would only warn of": (lambda: png_claiming(9_000, 9_000), "pixels"),
    "a bomb of text": (text_bomb, "broken"),
    "truncated": (cut, "broken"),
    "an animated GIF": (lambda: animation("GIF"), "animation"),
    "an animated PNG": (lambda: animation("PNG"), "animation"),
    "an animated WebP": (lambda: animation("WEBP"), "animation"),
    "a text": (lambda: b"not an image", "no image of a known kind"),
    "nothing": (lambda: b"", "no image of a known kind"),
    "an SVG": (lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no image of a known kind"),
    "a PostScript program": (lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n", "no image of a known kind"),
    "a TIFF": (lambda: b"II*\0\x08\0\0\0\0\0", "no image of a known kind"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_broken_or_hostile_is_an_error_that_names_the_file(
    name: str, tmp_path: Path
) -> None:
    made, reason = HOSTILE[name]
    path = tmp_path / "page.png"
    path.write_bytes(made())

    with pytest.raises(ImageError) as caught:
        open_image(reference(path))

    assert str(caught.value).startswith(f"image {path}: ")
    assert reason in str(caught.value)


def test_what_is_no_file_is_an_error_and_is_not_waited_for(tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "folder.png").mkdir()

    for name, reason in (
        ("pipe.png", "it is no file"),
        ("folder.png", "it is no file"),
        ("none.png", "there is no such file"),
    ):
        seen = reference(tmp_path / name)
        assert seen.digest == ""
        with pytest.raises(ImageError, match=f"{name}: {reason}"):
            open_image(seen)


def test_a_file_that_is_too_large_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images, "MAX_FILE_BYTES", 100)
    image = written(tmp_path / "a.png", Image.effect_noise((64, 64), 50))

    assert image.digest == ""
    with pytest.raises(ImageError, match="larger than 100 bytes"):
        open_image(image)


def test_an_image_that_changed_since_it_was_referred_to_is_an_error(tmp_path: Path) -> None:
    image = written(tmp_path / "a.png", Image.new("RGB", (4, 4), "red"))
    written(tmp_path / "a.png", Image.new("RGB", (4, 4), "blue"))

    with pytest.raises(ImageError, match="it has changed since the dataset was read"):
        open_image(image)
    assert reference(tmp_path / "a.png").digest != image.digest


def test_a_photograph_is_turned_as_its_camera_says(tmp_path: Path) -> None:
    picture = Image.new("RGB", (40, 20), "red")
    picture.paste("blue", (0, 0, 20, 20))
    exif = Image.Exif()
    exif[0x0112] = 6  # turn it a quarter to the right
    image = written(tmp_path / "a.png", picture, exif=exif)

    seen = open_image(image)

    assert seen.size == (20, 40)
    assert (seen.getpixel((10, 5)), seen.getpixel((10, 35))) == ((0, 0, 255), (255, 0, 0))


@pytest.mark.parametrize(
    ("mode", "colour", "seen"),
    [
        ("RGBA", (255, 0, 0, 0), (255, 255, 255)),
        ("RGBA", (255, 0, 0, 255), (255, 0, 0)),
        ("LA", (0, 0), (255, 255, 255)),
        ("L", 128, (128, 128, 128)),
        ("1", 1, (255, 255, 255)),
        ("I;16", 256 * 200, (200, 200, 200)),
    ],
)
def test_every_kind_of_pixel_is_seen_as_people_see_it(
    mode: str, colour: int | tuple[int, ...], seen: tuple[int, int, int], tmp_path: Path
) -> None:
    image = written(tmp_path / "a.png", Image.new(mode, (3, 3), colour))

    found = open_image(image)

    assert (found.mode, found.getpixel((1, 1))) == ("RGB", seen)


@pytest.mark.parametrize(
    ("kind", "size", "budget", "seen"),
    [
        ("PNG", (100, 50), None, (100, 50)),
        ("PNG", (100, 50), 5000, (100, 50)),
        ("PNG", (100, 50), 1250, (50, 25)),
        ("JPEG", (400, 200), 800, (40, 20)),
        ("PNG", (1000, 1), 10, (100, 1)),
    ],
)
def test_an_image_is_made_as_small_as_its_budget(
    kind: str,
    size: tuple[int, int],
    budget: int | None,
    seen: tuple[int, int],
    tmp_path: Path,
) -> None:
    image = written(tmp_path / "a.bin", Image.new("RGB", size), format=kind)

    assert open_image(image, budget).size == seen


def decoded(data: str) -> Any:  # noqa: ANN401  Pillow may be absent
    return Image.open(io.BytesIO(base64.b64decode(data)))


def test_what_is_sent_is_the_file_itself_where_nothing_has_to_be_done(tmp_path: Path) -> None:
    for kind, media in (("PNG", "image/png"), ("JPEG", "image/jpeg")):
        image = written(tmp_path / kind, Image.new("RGB", (30, 20), "red"), format=kind)
        sent = encode(image)
        assert sent.media_type == media
        assert base64.b64decode(sent.data) == (tmp_path / kind).read_bytes()


def test_what_is_sent_anew_says_nothing_but_its_pixels(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010F] = "maker of the camera"
    image = written(
        tmp_path / "a", Image.new("RGB", (30, 20), "red"), format="JPEG", exif=exif.tobytes()
    )

    sent = encode(image)

    assert sent.media_type == "image/jpeg"
    assert b"maker" not in base64.b64decode(sent.data)
    assert decoded(sent.data).size == (30, 20)


def test_what_is_transparent_or_too_large_is_sent_as_a_png_of_its_own(tmp_path: Path) -> None:
    clear = written(tmp_path / "a.webp", Image.new("RGBA", (8, 8), (0, 0, 0, 0)))
    large = written(tmp_path / "b.png", Image.new("RGB", (80, 80), "red"))

    sent = encode(clear)
    smaller = encode(large, max_pixels=100)

    assert (sent.media_type, decoded(sent.data).getpixel((0, 0))) == ("image/png", (255,) * 3)
    assert decoded(smaller.data).size == (10, 10)


def test_a_cell_of_a_parquet_file_is_read_from_its_row(tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    rows = []
    for number in range(7):
        file = io.BytesIO()
        Image.new("L", (number + 1, 1)).save(file, "PNG")
        rows.append({"image": {"bytes": file.getvalue(), "path": f"{number}.png"}})
    path = tmp_path / "rows.parquet"
    parquet.write_table(arrow.Table.from_pylist(rows), path, row_group_size=3)

    widths = [
        open_image(ImageRef(path=str(path), row=row, column="image.bytes")).width
        for row in (0, 2, 3, 6, 1)
    ]

    assert widths == [1, 3, 4, 7, 2]
    with pytest.raises(ImageError, match=r"rows.parquet\[7\].image.bytes: not to be read"):
        open_image(ImageRef(path=str(path), row=7, column="image.bytes"))


def test_all_images_of_a_prompt_are_found_in_order() -> None:
    a, b, c = (ImageRef(path=name, digest=name * 2) for name in "abc")
    turns = (
        Message(role="user", content="1", images=(a, b)),
        Message(role="user", content="2", images=(c,)),
    )
    chat = Prompt(dataset="d", sample_id="1", messages=turns)
    text = Prompt(dataset="d", sample_id="1", text="x", images=(b,))

    assert images.images_of(chat) == (a, b, c)
    assert images.images_of(text) == (b,)
    assert images.contents([a, ImageRef(path="p", row=3, column="c")]) == ["aa", "p:3:c"]


def test_what_is_written_of_a_prompt_without_images_is_what_it_was() -> None:
    turn = Message(role="user", content="Why?")
    prompt = Prompt(dataset="d", sample_id="1", messages=(turn,))

    written_down = prompt.model_dump(mode="json")

    assert written_down["messages"] == [{"role": "user", "content": "Why?"}]
    assert not written_down.keys() & {"images", "words"}
    assert Prompt.model_validate(written_down) == prompt
