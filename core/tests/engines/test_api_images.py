"""Images on their way to servers: in each protocol's own form, and each failing alone."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from core.tests.engines.misbehaving_server import Server, serving
from core.tests.engines.test_api import OPENERS, opened

from evalctl.engines.api.engine import ApiEngine
from evalctl.images import reference
from evalctl.records import ImageRef, Message, Prompt

Image = pytest.importorskip("PIL.Image")

Opener = Callable[..., ApiEngine]


@pytest.fixture(params=OPENERS)
def opener(request: pytest.FixtureRequest) -> Opener:
    return OPENERS[request.param]


@pytest.fixture
def page(tmp_path: Path) -> ImageRef:
    Image.new("RGB", (40, 20), "red").save(tmp_path / "page.png")
    return reference(tmp_path / "page.png")


def asked(*images: ImageRef, name: str = "1") -> Prompt:
    system = Message(role="system", content="Be brief.")
    turn = Message(role="user", content="What is it?", images=images)
    return Prompt(dataset="d", sample_id=name, messages=(system, turn))


def content_sent(server: Server) -> Any:  # noqa: ANN401  as a server gets it
    """Return what the user's message held."""
    messages: Any = server.asked[-1].body["messages"]
    return messages[-1]["content"]


def data_of(block: dict[str, Any]) -> tuple[str, bytes]:
    """Return media type and bytes of an image, whichever protocol it is in."""
    if block["type"] == "image_url":
        head, _, data = block["image_url"]["url"].partition(";base64,")
        return head.removeprefix("data:"), base64.b64decode(data)
    source = block["source"]
    assert (block["type"], source["type"]) == ("image", "base64")
    return source["media_type"], base64.b64decode(source["data"])


def test_an_image_is_sent_before_the_question(opener: Opener, page: ImageRef) -> None:
    with serving() as server, opened(opener, server) as engine:
        (given,) = engine.generate(iter([asked(page)]))

    assert given.error is None
    image, text = content_sent(server)
    assert data_of(image) == ("image/png", Path(page.path).read_bytes())
    assert text == {"type": "text", "text": "What is it?"}


def test_what_has_no_image_is_sent_as_it_was(opener: Opener) -> None:
    with serving() as server, opened(opener, server) as engine:
        list(engine.generate(iter([asked()])))

    assert content_sent(server) == "What is it?"


def test_the_budget_of_pixels_holds_for_what_is_sent(opener: Opener, page: ImageRef) -> None:
    with serving() as server, opened(opener, server, max_image_pixels=200) as engine:
        list(engine.generate(iter([asked(page)])))

    _, data = data_of(content_sent(server)[0])
    assert Image.open(io.BytesIO(data)).size == (20, 10)


def many(page: ImageRef, broken: ImageRef) -> Iterator[Prompt]:
    for number in range(30):
        yield asked(broken, name=f"broken {number}")
    yield asked(page, name="good")


def test_images_that_cannot_be_seen_are_not_sent_and_fail_alone(
    opener: Opener, page: ImageRef, tmp_path: Path
) -> None:
    (tmp_path / "broken.png").write_bytes(Path(page.path).read_bytes()[:50])

    with serving() as server, opened(opener, server) as engine:
        found = list(engine.generate(many(page, reference(tmp_path / "broken.png"))))

    errors = [one.error for one in found if one.error is not None]
    assert len(found) == 31
    assert len(errors) == 30
    assert all("broken.png: it is broken" in error for error in errors)
    assert len(server.asked) == 1


def test_no_path_of_this_machine_is_sent(opener: Opener, page: ImageRef) -> None:
    with serving() as server, opened(opener, server) as engine:
        list(engine.generate(iter([asked(page, page)])))

    assert str(Path(page.path).parent) not in str(server.asked[-1].body)
    assert len(content_sent(server)) == 3
