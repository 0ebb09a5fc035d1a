"""Images as servers are sent them. Decoding is done beside the event loop, which goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from evalctl.images import EncodedImage, encode
from evalctl.records import Message

Block = dict[str, object]
"""A part of a message, in a protocol's words."""


async def content_of(
    turn: Message, block: Callable[[EncodedImage], Block], max_pixels: int | None
) -> str | list[Block]:
    """Return what a message says: a text or, where it has images, those and then the text.

    Args:
        turn: The message.
        block: Makes a block of the protocol out of an image.
        max_pixels: The most that an image may have.

    Raises:
        ImageError: An image cannot be shown.
    """
    if not turn.images:
        return turn.content
    shown: Sequence[EncodedImage] = await asyncio.gather(
        *(asyncio.to_thread(encode, image, max_pixels) for image in turn.images)
    )
    return [*map(block, shown), {"type": "text", "text": turn.content}]
