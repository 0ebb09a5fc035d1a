"""Answers as a model would write them out of a row's own solution, for `evalctl check`."""

from __future__ import annotations

from evalctl import Sample


def function_as_block(sample: Sample) -> str:
    """Return the canonical continuation, after its prompt, in a fenced block."""
    return f"```python\n{sample.input}{sample.solution}\n```"


def function_of_none(sample: Sample) -> str:
    """Return the function with a body that returns None."""
    return f"```python\n{sample.input}    return None\n```"


def program_as_block(sample: Sample) -> str | None:
    """Return the canonical program in a fenced block; None where the row has none."""
    return f"```python\n{sample.solution}\n```" if sample.solution else None


def program_of_none(sample: Sample) -> str:
    """Return a program whose function returns None, or one that prints nothing."""
    name = str(sample.metadata.get("entry_point", ""))
    if not name:
        return "```python\nimport sys\n\nsys.stdin.read()\n```"
    first, _, method = name.partition(".")
    if method:
        body = f"class {first}:\n    def {method}(self, *given, **named):\n        return None\n"
    else:
        body = f"def {first}(*given, **named):\n    return None\n"
    return f"```python\n{body}```"
