"""`evalctl cache`: what generations are kept, and removing them."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from evalctl import config
from evalctl.cache import CacheInfo, GenerationCache
from evalctl.cli.arguments import AsJson
from evalctl.cli.headings import HeadedGroup
from evalctl.cli.table import print_table
from evalctl.config import CacheChoice, UserConfig, choose_cache
from evalctl.errors import ConfigError, StorageError, UnknownNameError
from evalctl.reporters.figures import printable

app = typer.Typer(
    cls=HeadedGroup,
    help="The generations that are kept.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

ConfigFile = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="YAML that may name the folder.")
]


@app.callback()
def cache() -> None:
    """Look after the generations that are kept."""


@app.command()
def info(
    config_file: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Tell where generations are kept, how many and of which models."""
    choice = _choice(config_file)
    told = _look(choice)
    if as_json:
        sys.stdout.write(told.model_dump_json(indent=2) + "\n")
        return
    sys.stdout.write(
        f"{printable(str(told.folder))}\n"
        f"{told.entries:,} generations, {_size(told.bytes)} of at most {_size(told.max_bytes)}\n"
    )
    if told.oldest_use is not None and told.newest_use is not None:
        sys.stdout.write(f"last used between {_day(told.oldest_use)} and {_day(told.newest_use)}\n")
    for path in told.set_aside:
        sys.stdout.write(f"set aside as damaged: {printable(path.name)}\n")
    if told.models:
        print_table(
            list(told.models.items()),
            {
                "model": lambda row: printable(row[0]),
                "generations": lambda row: f"{row[1]:,}",
            },
            empty="",
        )


@app.command()
def clear(
    model: Annotated[
        str | None, typer.Option(metavar="MODEL", help="Only those of this model.")
    ] = None,
    older_than: Annotated[
        float | None,
        typer.Option(metavar="DAYS", help="Only those that were not used for so many days."),
    ] = None,
    is_sure: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing.")] = False,
    config_file: ConfigFile = None,
) -> None:
    """Remove generations that are kept; without options, all of them."""
    if older_than is not None and not 0 <= older_than < 1e6:
        raise ConfigError(f"--older-than {older_than}: give a number of days, 0 or more")
    choice = _choice(config_file)
    if not choice.folder.is_dir():
        sys.stdout.write(f"nothing is kept in {printable(str(choice.folder))}\n")
        return
    kept = GenerationCache.open(*choice)
    try:
        told = kept.info()
        if model is not None and model not in told.models:
            raise UnknownNameError("model in the cache", model, told.models)
        if not told.is_usable:
            raise StorageError(f"the generation cache in {told.folder} cannot be used")
        if not is_sure:
            _confirm(told, model, older_than)
        cleared = kept.clear(model=model, older_than_days=older_than)
    finally:
        kept.close()
    size = f" ({_size(cleared.bytes)})" if cleared.bytes else ""
    where = printable(str(told.folder))
    sys.stdout.write(f"removed {cleared.entries:,} generations{size} from {where}\n")


def _choice(config_file: Path | None) -> CacheChoice:
    settings = config.load(config_file) if config_file else UserConfig()
    choice = choose_cache(settings)
    if choice is None and settings.cache.enabled:
        raise ConfigError("this user has no home folder; say with EVALCTL_CACHE where the cache is")
    if choice is None:
        raise ConfigError(f"{config_file} switches the cache off (cache.enabled)")
    return choice


def _look(choice: CacheChoice) -> CacheInfo:
    """Look into a cache; none is made where there is none."""
    if not choice.folder.is_dir():
        return CacheInfo(
            folder=choice.folder.absolute(),
            entries=0,
            bytes=0,
            max_bytes=choice.max_bytes,
            oldest_use=None,
            newest_use=None,
            models={},
            set_aside=(),
            is_usable=True,
        )
    kept = GenerationCache.open(*choice)
    try:
        return kept.info()
    finally:
        kept.close()


def _confirm(told: CacheInfo, model: str | None, older_than: float | None) -> None:
    """Ask whether the user is sure.

    Raises:
        ConfigError: There is nobody to ask.
    """
    if not sys.stdin.isatty():
        raise ConfigError("say --yes to remove generations where no question can be asked")
    what = f"the {told.entries:,} generations" if model is None else f"the generations of {model}"
    which = "" if older_than is None else f" that were not used for {older_than:g} days"
    if not typer.confirm(f"Remove {what} in {told.folder}{which}?"):
        raise typer.Exit(0)


def _size(count: int) -> str:
    """Return a number of bytes in GiB, MiB or KiB."""
    for unit, size in (("GiB", 1 << 30), ("MiB", 1 << 20)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count / 1024:.1f} KiB"


def _day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")
