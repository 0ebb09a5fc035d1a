from __future__ import annotations

import typer
from typer.main import get_command

from evalctl.cli.arguments import flag_of
from evalctl.cli.run import run
from evalctl.plan import RunSpec


def test_every_field_of_what_was_asked_has_a_flag_that_there_is() -> None:
    app = typer.Typer()
    app.command()(run)
    known = {flag for one in get_command(app).params for flag in (*one.opts, *one.secondary_opts)}
    assert {flag_of(field) for field in RunSpec.model_fields} <= known
