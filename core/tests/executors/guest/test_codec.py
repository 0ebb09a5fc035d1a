from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator

import pytest

from evalctl.executors.guest.runners.codec import (
    MAX_BYTES,
    Channel,
    GoneError,
    UnsupportedValueError,
)


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    one, other = socket.socketpair()
    with one, other:
        yield one, other


def test_messages_sent_together_are_taken_one_by_one(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    here, there = (Channel(end.fileno()) for end in ends)
    for message in ([1, "é"], {}, None):
        here.send(message)
    assert [there.receive() for _ in range(3)] == [[1, "é"], {}, None]


def test_a_message_larger_than_a_pipe_arrives_whole(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    here, there = (Channel(end.fileno()) for end in ends)
    text = "x" * (2 << 20)
    sender = threading.Thread(target=here.send, args=(text,))
    sender.start()
    assert there.receive() == text
    sender.join()


def test_a_message_in_pieces_is_put_together(ends: tuple[socket.socket, socket.socket]) -> None:
    there = Channel(ends[1].fileno())
    data = b"\0\0\0\x04true"
    for at in range(len(data)):
        os.write(ends[0].fileno(), data[at : at + 1])
    assert there.receive() is True


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0\0",
        b"\0\0\0\x04tru",
        b"\0\0\0\x04trux",
        b"\0\0\0\x02\xff\xfe",
        (MAX_BYTES + 1).to_bytes(4, "big"),
        b"\0\x01\0\0" + b"[" * (1 << 16),
    ],
)
def test_what_is_no_message_ends_the_talk(
    data: bytes, ends: tuple[socket.socket, socket.socket]
) -> None:
    ends[0].sendall(data)
    ends[0].close()
    with pytest.raises(GoneError):
        Channel(ends[1].fileno()).receive()


def test_too_large_a_message_is_not_sent(ends: tuple[socket.socket, socket.socket]) -> None:
    with pytest.raises(UnsupportedValueError):
        Channel(ends[0].fileno()).send("x" * MAX_BYTES)


def test_nobody_at_the_other_end_is_told(ends: tuple[socket.socket, socket.socket]) -> None:
    ends[1].close()
    with pytest.raises(GoneError):
        Channel(ends[0].fileno()).send(1)
