"""Running a program in a sandbox, as the tests of this folder do."""

from __future__ import annotations

from evalctl.executions import Ended, Launch, Limits, Sandbox


def run(sandbox: Sandbox, source: str, *, stdin: bytes = b"", **limits: float) -> Ended:
    """Run a program with ten seconds and the default limits, but for those that are given."""
    given = Limits.model_validate({"wall_seconds": 10.0, **limits})
    return sandbox.run(Launch(runner="script", job={"source": source}, stdin=stdin, limits=given))
