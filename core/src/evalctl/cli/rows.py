"""What `evalctl list` shows, one row type per kind: the JSON objects of `--json`, as they are.

Every key is always there. They are stable: a later version may add some, and takes none away.
`list plugins` shows the fields of `PluginInfo`. How the rows are made is in `gather.py`.
"""

from __future__ import annotations

from typing import TypedDict


class BroughtRow(TypedDict):
    """What all rows end with: who brings it."""

    plugin: str
    """The plugin that brings it."""
    distribution: str
    """What was installed with pip."""
    distribution_version: str
    """Of the distribution."""


class AdditionRow(BroughtRow):
    """Something that another plugin added to a category."""

    kind: str
    """`model`, `dataset` or `scorer`."""
    name: str
    """Its name."""
    dataset: str | None
    """The dataset that a scorer was added to; null for other kinds."""


class CategoryRow(BroughtRow):
    """A category."""

    name: str
    """Short name."""
    aliases: tuple[str, ...]
    """Other names it answers to."""
    title: str
    """One line."""
    description: str
    """What a good score means, and what it does not."""
    models: tuple[str, ...]
    """Names of its models."""
    primary_datasets: tuple[str, ...]
    """Names of the datasets that make its score."""
    datasets: tuple[str, ...]
    """Names of all its datasets."""
    executors: tuple[str, ...]
    """What its programs find and may use."""
    added: tuple[AdditionRow, ...]
    """What other plugins added to it."""


class Service(TypedDict):
    """A model's part in one category."""

    category: str
    """Short name."""
    priority: str
    """`high`, `medium` or `low`."""
    specialization_weight: float
    """How far the category is its speciality, in 0..1."""
    plugin: str
    """The plugin that says so."""
    is_added: bool
    """Whether that is another one than the category's."""


class ModelRow(BroughtRow):
    """A model, once for all the categories that it serves."""

    name: str
    """Registered name."""
    title: str
    """As its makers call it."""
    categories: tuple[Service, ...]
    """The categories it serves, only the one asked for with `--category`."""
    path: str
    """Hub id, or a folder."""
    revision: str | None
    """Hub commit that was reviewed; null follows the main branch."""
    kind: str
    """The architecture's kind."""
    parameters: int | None
    """How many; null where its makers do not tell."""
    context_length: int
    """Tokens."""
    engine: str
    """The engine it is made for."""
    presets: tuple[str, ...]
    """Names of its settings."""
    licence: str
    """As its card states."""
    is_embedded: bool
    """Whether its weights ship with the plugin."""
    can_run: bool
    """Whether it can run here."""
    reason: str
    """Why not; or what is used."""
    obstacle: str | None
    """`engine`, `memory`, `access` or `weights`; null where it can run."""


class DatasetRow(BroughtRow):
    """A dataset."""

    name: str
    """Registered name."""
    category: str
    """Short name of its category."""
    title: str
    """One line."""
    role: str
    """`primary`, `secondary`, `variant` or `sample`."""
    headline: str
    """The metric that stands for it."""
    metrics: tuple[str, ...]
    """Names of all its metrics."""
    needs: str
    """What an engine must be able to do."""
    licence: str
    """As stated upstream."""
    citation: str
    """Who made it."""
    version: str
    """Of its adapter."""
    is_available: bool
    """Whether its rows can be read here without network."""
    reason: str
    """Where they are found; or what is missing."""
    obstacle: str | None
    """`download` or `files`; null where it is available."""
    is_unsafe: bool
    """Whether its texts may hurt who reads them; they are hidden without `--show-unsafe`."""
    is_added: bool
    """Whether another plugin than the category's brings it."""
    added_scorers: tuple[AdditionRow, ...]
    """Scorers that plugins added to it."""


class MetricRow(BroughtRow):
    """A metric."""

    name: str
    """Its name."""
    title: str
    """One line."""
    lower: float
    """Least possible value."""
    upper: float | None
    """Greatest possible value; null for one that is computed from what was measured."""
    scorers: tuple[str, ...]
    """Names of the scorers whose scores it reduces."""
    datasets: tuple[str, ...]
    """Names of the datasets that report it."""
    headline_of: tuple[str, ...]
    """Names of the datasets that it stands for."""
    is_added: bool
    """Whether another plugin than those of its datasets' categories brings it."""


class EngineRow(BroughtRow):
    """An engine."""

    name: str
    """Registered name."""
    title: str
    """One line."""
    model: str
    """How an unregistered model is named: `vllm:DIR`."""
    capabilities: tuple[str, ...]
    """What it can be asked for."""
    kinds: tuple[str, ...]
    """Kinds of model it opens."""
    options: tuple[str, ...]
    """What `--engine-option` may set."""
    is_installed: bool
    """Whether the packages that it needs are installed."""
    problem: str | None
    """What is missing, with the pip command that brings it."""
    is_added: bool
    """Whether a plugin brings it, and not the core."""


class ExecutorRow(BroughtRow):
    """An executor."""

    name: str
    """Registered name."""
    title: str
    """One line."""
    isolation: str
    """What it keeps away from the host."""
    level: int | None
    """Isolation level, of a sandbox."""
    is_usable: bool
    """Whether it works on this machine."""
    problem: str | None
    """Why it does not."""
    note: str
    """What is there for a category's programs."""
    category: str | None
    """Short name of the category that it comes with; null where it is for all."""
    is_added: bool
    """Whether a plugin brings it by itself, and not the core or a category."""


class CategoryScoreRow(TypedDict):
    """What one model scored in one category."""

    model: str
    """The model."""
    category: str
    """Short name of the category."""
    value: float | None
    """The category score, a fraction in 0..1; null where it could not be made."""


class RunRow(TypedDict):
    """A run folder."""

    run_id: str
    """The folder's name."""
    path: str
    """The folder."""
    status: str
    """`complete`, `failed`, `interrupted`, `running`, `unfinished` (no summary, and
    nobody is at it) or `broken`."""
    started: str | None
    """UTC, ISO 8601; null where the manifest cannot be read."""
    models: tuple[str, ...]
    """The models that have results."""
    derived_from: str | None
    """`score of RUN` or `rerun of RUN` where it was made from another run; else null."""
    scores: tuple[CategoryScoreRow, ...]
    """Category scores of all models."""
    problem: str | None
    """What is wrong with a broken folder."""
