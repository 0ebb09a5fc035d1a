"""`evalctl run` refuses a model that cannot fit, with the numbers, before anything is loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conftest import Site

GIANT = ("run", "--model", "toy_giant", "--dataset", "toy_sums")


def test_a_model_that_cannot_fit_is_refused_with_the_numbers(toys: Site) -> None:
    done = toys.run(*GIANT)
    assert done.returncode == 2
    assert "toy_giant does not fit into this machine: about 2000000 GB are needed" in done.stderr
    assert "--force" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (toys.folder / "runs").exists()


def test_force_tries_it_and_says_so(toys: Site) -> None:
    done = toys.run(*GIANT, "--force", "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "toy_giant does not fit into this machine" in done.stdout


def test_a_judge_that_cannot_fit_is_refused_too(toys: Site) -> None:
    done = toys.run("run", "--model", "toy_model", "--dataset", "toy_sums", "--judge", "toy_giant")
    assert done.returncode == 2
    assert "toy_giant does not fit" in done.stderr


def test_the_reference_model_fits_here(toys: Site) -> None:
    done = toys.run("run", "--model", "reference", "--category", "math", "--dry-run")
    assert done.returncode == 0, done.stderr
