"""What a user asked for, as it goes into the manifest. Nothing in it has been resolved yet."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field, model_validator

from evalctl.records import Record


class RunSpec(Record):
    """The flags of `evalctl run`, whether they came from a command line or from code."""

    categories: tuple[str, ...] = ()
    """Short or long names."""
    all_categories: bool = False
    """Whether every installed category is meant."""
    models: tuple[str, ...] = ()
    """Registered names, or `ENGINE:PATH`."""
    min_specialization: float | None = Field(default=None, ge=0.0, le=1.0)
    """Only registered models whose weight in the category is at least this; None takes all."""
    datasets: tuple[str, ...] = ()
    """Registered names; empty leaves it to the categories."""
    samples: int | None = Field(default=None, ge=1)
    """Samples per dataset; None takes the category's default."""
    all_samples: bool = False
    """Whether every sample is meant."""
    only_recorded: bool = False
    """Whether only samples are taken that a model's recorded outputs have."""
    until_width: float | None = Field(default=None, gt=0.0, lt=1.0)
    """Stops a dataset once its headline's interval is as narrow, as a share of the metric's range;
    None asks all of its samples."""
    repeats: int | None = Field(default=None, ge=1)
    """Completions per sample; None takes the dataset's default."""
    seed: int = Field(default=0, ge=0)
    """Seed of all sampling."""
    pass_k: tuple[Annotated[int, Field(ge=1)], ...] | None = None
    """The k's of pass@k; None takes the user's file, else the number of completions."""
    shots: int | None = Field(default=None, ge=0)
    """Worked examples; None takes the model's or the dataset's default."""
    temperature: float | None = Field(default=None, ge=0.0, allow_inf_nan=False)
    """Overrides the datasets' temperature."""
    max_tokens: int | None = Field(default=None, ge=1)
    """Overrides the datasets' limit on new tokens."""
    engine: str | None = None
    """Overrides the engine of registered models."""
    preset: str | None = None
    """Preset of registered models; None takes `balanced` where there is one."""
    engine_options: Mapping[str, str] = {}
    """Validated by the engine's own options model."""
    executor: str | None = None
    """The sandbox for programs; None takes the user's file, else the best that works here."""
    unsafe_local_execution: bool = False
    """Whether programs may be run without a sandbox."""
    cache: bool = True
    """Whether generations are looked up in the cache and kept there."""
    judges: tuple[str, ...] = ()
    """The judge models: registered names, or `ENGINE:PATH`."""
    baseline: str | None = None
    """Another model's answers, for judging in pairs: `RUN`, `RUN:MODEL`, or recorded outputs."""
    against: str | None = None
    """Another model, measured in turns with the one of `models`: a registered name, or
    `ENGINE:PATH`."""
    data_folders: tuple[Path, ...] = ()
    """Where upstream's files are looked for."""
    out: Path = Path("runs")
    """The folder that receives the run's folder."""
    config: Path | None = None
    """The user's YAML file."""
    force: bool = False
    """Whether a model is run that cannot fit into this machine's memory."""
    max_cost: float | None = Field(default=None, gt=0.0, allow_inf_nan=False)
    """What the run may cost, in the currency of its models' prices; None takes the user's file, and
    limits nothing where that does not."""
    max_errors: int | None = Field(default=None, ge=0)
    """More failures on our side than this make the run fail; None means none are allowed."""

    @model_validator(mode="before")
    @classmethod
    def _takes_one_judge(cls, given: object) -> object:
        """Read what runs wrote down when there could be one judge."""
        if not isinstance(given, Mapping) or "judge" not in given:
            return given
        judge = given["judge"]
        others = {name: value for name, value in given.items() if name != "judge"}
        return {"judges": () if judge is None else (judge,), **others}
