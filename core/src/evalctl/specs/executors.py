"""Executors: what must be kept apart, where it runs and what it may use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Self

from pydantic import model_validator

from evalctl.executions import ExecutionRequest, IsolationLevel, Limits, Profile
from evalctl.specs.base import AsName, Name, Spec


class ExecutorSpec(Spec):
    """A place where untrusted or unbounded work is done.

    A *sandbox* has a `level` and a `factory`. A category's own executor has neither: it says what
    the category's programs find and may use, in whichever sandbox a run takes.
    """

    name: Name
    """Unique in the registry."""
    title: str
    """One line for listings."""
    isolation: str = ""
    """What it keeps away from the host, in words that promise nothing it does not keep."""
    probe: Annotated[Callable[[], str | None], AsName] | None = None
    """Why it cannot be used on this machine, None where it can. A sandbox without one is opened
    and tried instead."""
    level: IsolationLevel | None = None
    """Of a sandbox."""
    factory: str = ""
    """Of a sandbox: `module:function`, imported when one is opened: `(Profile) -> Sandbox`."""
    is_automatic: bool = False
    """Whether a run may take this sandbox without being told to."""
    profile: Profile = Profile()
    """Of a category's executor: packages, what is loaded beforehand, the network."""
    limits: Limits = Limits()
    """Of a category's executor, for one program."""

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if (self.level is None) != (not self.factory):
            raise ValueError(f"executor {self.name}: a sandbox has both `level` and `factory`")
        if self.is_automatic and (self.level or 0) < 2:
            raise ValueError(f"executor {self.name}: only levels 2 to 4 may be taken unasked")
        return self

    def furnish(self, request: ExecutionRequest) -> ExecutionRequest:
        """Return a request with this executor's profile and limits; limits it sets itself stay."""
        own = request.limits
        given = {name: getattr(own, name) for name in own.model_fields_set}
        limits = self.limits.model_copy(update=given)
        return request.model_copy(update={"profile": self.profile, "limits": limits})
