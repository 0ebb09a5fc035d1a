"""`evalctl cache` and the settings of the generation cache, on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from core.tests.cache.making import fill
from tests.conftest import Site
from typer.testing import CliRunner, Result

from evalctl import config, plan, plugins
from evalctl.cli.cache import app
from evalctl.config import CacheChoice, UserConfig, choose_cache
from evalctl.errors import ConfigError, StorageError, UsageError

MODEL = "toy:NAME@http://host"


@pytest.fixture
def kept(site: Site) -> Path:
    """A cache with 20 generations where the site's commands look for it."""
    folder = site.folder / "generations"
    fill(folder, 20)
    return folder


def test_what_is_kept_is_told(site: Site, kept: Path) -> None:
    shown = site.run("cache", "info")
    told = json.loads(site.run("cache", "info", "--json").stdout)

    assert "20 generations" in shown.stdout
    assert "at most 10.0 GiB" in shown.stdout
    assert MODEL in shown.stdout
    assert told["entries"] == 20
    assert told["models"] == {MODEL: 20}
    assert told["folder"] == str(kept)


def test_looking_makes_no_cache(tmp_path: Path) -> None:
    folder = tmp_path / "generations"
    done = invoke(folder, "info")

    assert done.exit_code == 0
    assert "0 generations" in done.stdout
    assert not folder.exists()
    assert "nothing is kept" in invoke(folder, "clear", "--yes").stdout


def test_clearing_needs_a_yes_and_says_what_it_removed(site: Site, kept: Path) -> None:
    refused = site.run("cache", "clear")
    done = site.run("cache", "clear", "--model", MODEL, "--yes")

    assert refused.returncode == 2
    assert "--yes" in refused.stderr
    assert done.returncode == 0
    assert "removed 20 generations (" in done.stdout
    assert "0 generations" in invoke(kept, "info").stdout


def invoke(kept: Path, *arguments: str) -> Result:
    """Run a command in this process, which is quicker."""
    return CliRunner().invoke(app, arguments, env={"EVALCTL_CACHE": str(kept)})


def test_only_old_generations_are_cleared(kept: Path) -> None:
    done = invoke(kept, "clear", "--older-than", "2", "--yes")

    assert f"removed 0 generations from {kept}" in done.stdout
    assert "20 generations" in invoke(kept, "info").stdout


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--model", "toy:NAME@http://hots"), "Did you mean toy:NAME@http://host"),
        (("--older-than", "-1"), "give a number of days"),
        (("--older-than", "nan"), "give a number of days"),
    ],
)
def test_what_makes_no_sense_is_refused(
    kept: Path, arguments: tuple[str, ...], reason: str
) -> None:
    done = invoke(kept, "clear", "--yes", *arguments)

    assert isinstance(done.exception, UsageError)
    assert reason in str(done.exception)
    assert "20 generations" in invoke(kept, "info").stdout


def test_a_damaged_cache_is_set_aside_and_the_user_is_told(site: Site, kept: Path) -> None:
    (kept / "generations-1-1.sqlite").write_bytes(b"rubbish" * 1000)
    done = site.run("cache", "info")

    assert done.returncode == 0
    assert "was damaged" in done.stderr
    assert "set aside as damaged: generations-1-1.damaged" in done.stdout


def test_a_cache_that_cannot_be_used_is_not_cleared(tmp_path: Path) -> None:
    (tmp_path / "lock").mkdir()
    done = invoke(tmp_path, "clear", "--yes")

    assert isinstance(done.exception, StorageError)
    assert "cannot be used" in str(done.exception)


def settings(path: Path, text: str) -> UserConfig:
    path.write_text(text)
    return config.load(path)


def test_the_environment_wins_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "cache: {folder: kept, max_gib: 0.5}"
    monkeypatch.delenv("EVALCTL_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", "/caches")
    named = settings(tmp_path / "settings.yaml", text)
    chosen = [choose_cache(UserConfig()), choose_cache(named)]
    monkeypatch.setenv("EVALCTL_CACHE", "/elsewhere")
    chosen.append(choose_cache(named))

    assert chosen == [
        CacheChoice(Path("/caches/evalctl"), 10 << 30),
        CacheChoice(tmp_path / "kept", 1 << 29),
        CacheChoice(Path("/elsewhere"), 1 << 29),
    ]


def test_a_user_without_a_home_folder_has_no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody_is_home(path: Path) -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("EVALCTL_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "expanduser", nobody_is_home)

    assert choose_cache(UserConfig()) is None


def test_a_file_may_switch_the_cache_off(tmp_path: Path) -> None:
    off = settings(tmp_path / "settings.yaml", "cache: {enabled: false}")
    done = invoke(tmp_path, "info", "--config", str(tmp_path / "settings.yaml"))

    assert choose_cache(off) is None
    assert "switches the cache off" in str(done.exception)


@pytest.mark.parametrize("text", ["{max_gib: 0}", "{max_gib: .inf}", "{enabled: 3}", "{size: 1}"])
def test_settings_that_make_no_sense_are_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match=r"settings\.yaml:1: cache"):
        settings(tmp_path / "settings.yaml", f"cache: {text}")


def test_a_run_may_go_without_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVALCTL_CACHE", str(tmp_path))
    asked = plan.RunSpec(categories=("math",), models=("reference",), samples=1)
    loaded = plugins.load()

    assert plan.make(asked, loaded).cache == CacheChoice(tmp_path, 10 << 30)
    assert plan.make(asked.model_copy(update={"cache": False}), loaded).cache is None
