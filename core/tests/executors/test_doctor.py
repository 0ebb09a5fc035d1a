from __future__ import annotations

import json

import pytest

from evalctl.cli import main
from evalctl.executions import Ended, Launch, Profile, Reason, Sandbox
from evalctl.executors import doctor


def test_every_attack_is_held_on_this_machine(
    sandbox: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["sandbox", "doctor", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert [one for one in told["findings"] if not one["is_held"]] == []
    assert len(told["findings"]) == 18
    assert told["isolation"]["level"] == 3
    assert exit_.value.code == 0


def test_a_sandbox_that_lets_something_through_is_found_out(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Leaky:
        isolation = sandbox.isolation

        def run(self, launch: Launch) -> Ended:
            return Ended(reason=Reason.OK, stdout=b"reached\n")

        def close(self) -> None:
            pass

    def open_leaky(profile: Profile) -> Leaky:
        return Leaky()

    monkeypatch.setattr(doctor, "open_bwrap", open_leaky)
    with pytest.raises(SystemExit) as exit_:
        main(["sandbox", "doctor"])
    printed = capsys.readouterr().out
    assert exit_.value.code == 1
    assert "read a file in your home" in printed
    assert "2 of 18 attacks were held" in printed


def test_a_machine_without_a_sandbox_is_told_what_would_help(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(doctor, "probe_bwrap", lambda: "bubblewrap is not installed: install it")
    with pytest.raises(SystemExit) as exit_:
        main(["sandbox", "doctor"])
    assert exit_.value.code == 1
    assert capsys.readouterr().out == (
        "no sandbox on this machine: bubblewrap is not installed: install it\n"
    )
