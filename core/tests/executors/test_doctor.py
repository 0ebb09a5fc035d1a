from __future__ import annotations

import json

import pytest

from evalctl.cli import main
from evalctl.executions import Ended, Launch, Profile, Reason, Sandbox
from evalctl.executors import choice, doctor


def test_every_attack_is_held_on_this_machine(
    sandbox: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["sandbox", "doctor", "--json"])
    told = json.loads(capsys.readouterr().out)
    by_name = {one["name"]: one for one in told["sandboxes"]}
    for name, level in (("bwrap", 3), ("landlock", 2)):
        assert [one for one in by_name[name]["findings"] if not one["is_held"]] == []
        assert len(by_name[name]["findings"]) == 18
        assert by_name[name]["isolation"]["level"] == level
    assert by_name["subprocess"]["findings"] == []
    assert told["taken"] == "bwrap"
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

    def open_leaky(factory: str, profile: Profile) -> Leaky:
        return Leaky()

    monkeypatch.setattr(doctor, "open_sandbox", open_leaky)
    with pytest.raises(SystemExit) as exit_:
        main(["sandbox", "doctor", "--executor", "bwrap"])
    printed = capsys.readouterr().out
    assert exit_.value.code == 1
    assert "read a file in your home" in printed
    assert "2 of 18 held" in printed


def test_a_machine_without_a_sandbox_is_told_what_would_help(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(factory: str, image: str = "") -> str:
        return f"{factory.rpartition(':')[2]} wants mending"

    monkeypatch.setattr(doctor, "probe", refuse)
    monkeypatch.setattr(choice, "probe", refuse)
    with pytest.raises(SystemExit) as exit_:
        main(["sandbox", "doctor"])
    printed = capsys.readouterr().out
    assert exit_.value.code == 1
    assert "No run of programs can be made." in printed
    assert "For level 3, bwrap: open_bwrap wants mending" in printed
    assert "For level 2, landlock: open_landlock wants mending" in printed
