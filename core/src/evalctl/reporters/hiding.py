"""What people read in the place of texts that may hurt, unless they ask for them."""

from __future__ import annotations

from evalctl.results import ModelResult


def hidden(text: str) -> str:
    """Return the line that stands for a text."""
    return f"hidden: {len(text):,} characters; --show-unsafe shows it"


def shown_error(model: ModelResult) -> str | None:
    """Return why a model could not be run to its end, as it can be shown; None where it could.

    A server may quote what it was asked, so that nothing of it is shown where texts may hurt.
    """
    may_hurt = any(dataset.is_unsafe for dataset in model.datasets)
    return hidden(model.error) if model.error and may_hurt else model.error
