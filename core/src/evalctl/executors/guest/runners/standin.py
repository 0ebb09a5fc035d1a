"""What tests hold in the place of a value that stayed with the program.

It is equal to nothing plain. So a program that hands over an object of its own, which might claim
to equal everything, is judged like one that hands over a wrong answer.
"""

from __future__ import annotations

from typing import Any


class UnsplittableError(BaseException):
    """These tests need more of the program than plain data. No test may catch it by chance."""


class StandIn:
    """A value as far as its truth and its text tell of it."""

    def __init__(self, content: list[Any]) -> None:
        """Take its truth, type and text, as the program told them."""
        self.__truth = bool(content[0])
        self.__text = (str(content[1]), str(content[2]))

    def __bool__(self) -> bool:
        return self.__truth

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StandIn) and self.__text == other.__text

    def __hash__(self) -> int:
        return hash(self.__text)

    def __str__(self) -> str:
        return self.__text[1]

    __repr__ = __str__

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  # what tests may ask for
        if name.startswith("__"):
            raise AttributeError(name)
        raise UnsplittableError(f"the tests use .{name} of a value of the type {self.__text[0]}")

    def __call__(self, *args: object, **kwargs: object) -> Any:  # noqa: ANN401
        """Refuse: the function is with the program."""
        raise UnsplittableError(f"the tests call a value of the type {self.__text[0]}")
