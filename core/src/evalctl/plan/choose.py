"""Which datasets a model is asked, and how; each is read once for all models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from evalctl.config import UserConfig, apply_dataset
from evalctl.errors import (
    DatasetMissingError,
    EngineUnavailableError,
    ModelError,
    UnknownNameError,
)
from evalctl.metrics import expand
from evalctl.plan.asked import RunSpec
from evalctl.plan.coverage import check_recording, recorded_hashes, refuse_unrecorded
from evalctl.plan.datasets import Checked, LoadedDataset, Part, load_dataset
from evalctl.plan.judges import added_to, taking_part
from evalctl.plan.models import asking_of
from evalctl.plan.planned import PlannedDataset, PlannedModel
from evalctl.plan.probes import PlannedProbe, load_probe
from evalctl.plan.repeating import pass_ks_of, repeats_of, why_once
from evalctl.plan.seeing import why_blind
from evalctl.plan.shots import load_shots
from evalctl.plan.stopping import why_not_early
from evalctl.plan.suiting import able, is_for, lacks, misfit, reading_of, replaced
from evalctl.prompts import Asking
from evalctl.protocols import Capability
from evalctl.records import Sampling
from evalctl.registry import Entry, Registry
from evalctl.specs import CategorySpec, DatasetSpec


@dataclass
class DatasetChooser:
    """Chooses and loads datasets for one model after the other."""

    asked: RunSpec
    registry: Registry
    config: UserConfig
    notices: list[str]
    """Receives what was left out, and why."""
    checked: Mapping[str, Checked] = field(default_factory=dict)
    """What an earlier run found in datasets, by name."""
    _loaded: dict[tuple[str, str, int | None, str | None], LoadedDataset] = field(
        default_factory=dict
    )
    _probes: dict[str, PlannedProbe | None] = field(default_factory=dict)

    def datasets_for(
        self, model: PlannedModel, categories: Sequence[CategorySpec]
    ) -> list[PlannedDataset]:
        """Return the datasets that a model will be asked.

        Raises:
            DatasetError: One that was named is not there, or one has a broken row.
            ModelError: The model's engine cannot do what a dataset that was named needs, or its
                recorded outputs are of no sample of a dataset.
            ConfigError: Only recorded samples are wanted of a model without any.
        """
        refuse_unrecorded(model, self.asked)
        chosen = self._chosen(model, categories)
        fitting = self._fitting(model, chosen)
        for loaded in fitting:
            self.notices.extend(check_recording(model, loaded))
        if not fitting:
            names = ", ".join(loaded.spec.name for loaded in chosen)
            raise ModelError(f"{model.name} can answer none of: {names}{self._why(model)}")
        return [self._plan(model, loaded) for loaded in fitting]

    def _fitting(self, model: PlannedModel, chosen: Sequence[LoadedDataset]) -> list[LoadedDataset]:
        """Return the datasets that a model can answer, and tell why others are left out."""
        lacking: dict[Capability, list[DatasetSpec]] = {}
        fitting = []
        for loaded in chosen:
            spec = loaded.spec
            if spec.needs not in model.capabilities and spec.name not in self.asked.datasets:
                lacking.setdefault(spec.needs, []).append(spec)
            elif self._fits(model, spec):
                fitting.append(loaded)
        for specs in lacking.values():
            why = lacks(model, specs, self.registry)
            self.notices.append(f"left out for {model.name}: {why}")
        return fitting

    def _chosen(
        self, model: PlannedModel, categories: Sequence[CategorySpec]
    ) -> list[LoadedDataset]:
        names = self.asked.datasets or model.facts.datasets
        if names is not None:
            entries = [self._entry(model, name) for name in dict.fromkeys(names)]
            if not self.asked.models:  # those of other categories have models of their own
                own = {s.name for c in categories for s in self.registry.datasets_of(c.name)}
                entries = [entry for entry in entries if entry.spec.name in own]
            return [self._load(model, entry.spec, entry.category) for entry in entries]
        found: dict[str, LoadedDataset] = {}
        lacking: list[DatasetMissingError] = []
        for category in categories:
            try:
                found |= {loaded.spec.name: loaded for loaded in self._of(model, category)}
            except DatasetMissingError as error:
                lacking.append(error)
        if lacking and (self.asked.categories or not found):
            raise lacking[0]
        self.notices.extend(f"left out: {error}" for error in lacking)
        return list(found.values())

    def _entry(self, model: PlannedModel, name: str) -> Entry[DatasetSpec]:
        try:
            return self.registry.dataset(name)
        except UnknownNameError as error:
            if self.asked.datasets:
                raise
            raise ModelError(f"{model.ref.path} holds outputs for an {error}") from None

    def _of(self, model: PlannedModel, category: CategorySpec) -> list[LoadedDataset]:
        """A category's primary and secondary datasets that are to be had, else its sample.

        A model that stands in because it ships with a plugin gets the sample, where there is one.
        """
        entries = self.registry.datasets_in(category.name)
        samples = [entry for entry in entries if entry.spec.role == "sample"]
        found: list[LoadedDataset] = []
        for entry in entries if not (samples and self._is_default(model)) else ():
            if entry.spec.role in {"primary", "secondary"} and is_for(model, entry.spec):
                spec = self._suiting(model, entry.spec)
                try:
                    found.append(self._load(model, spec, entry.category))
                except (DatasetMissingError, EngineUnavailableError) as error:
                    self.notices.append(f"left out: {error}")
        if found:
            return found
        if not samples:
            raise DatasetMissingError(
                f"no dataset of the category {category.name} is on this machine, and none can be "
                "fetched. Give the folder of their files with --data DIR (or EVALCTL_DATA)."
                f"{self._absent(category.name)}"
            )
        return [self._load(model, self._suiting(model, e.spec), e.category) for e in samples]

    def _absent(self, category: str) -> str:
        """Return which datasets of others a category takes parts of that nobody brings."""
        wholes = [repr(one.dataset) for one in self.registry.absent_excerpts(category)]
        told = f" It takes parts of {', '.join(wholes)}, which no installed plugin brings."
        return told if wholes else ""

    def _suiting(self, model: PlannedModel, spec: DatasetSpec) -> DatasetSpec:
        """Return a category's dataset, or the one that stands in for it with such a model.

        Servers may give log-likelihoods, but those of a conversation are not the benchmark's.
        """
        is_taken = spec.needs == "generate" or model.ref.kind != "api"
        if (spec.needs in model.capabilities and is_taken) or not spec.otherwise:
            return spec
        stand_in = self.registry.dataset(spec.otherwise).spec
        if stand_in.needs not in model.capabilities:
            return spec
        self.notices.append(replaced(model, spec, self.registry))
        return stand_in.model_copy(update={"role": spec.role})

    def _why(self, model: PlannedModel) -> str:
        """Return, in lines of their own, why datasets were left out for a model."""
        begin = f"left out for {model.name}: "
        return "".join(
            f"\n{notice.removeprefix(begin)}"
            for notice in dict.fromkeys(self.notices)
            if notice.startswith(begin)
        )

    def _is_default(self, model: PlannedModel) -> bool:
        """Whether a model that ships with a plugin is run because nothing else can."""
        return model.spec is not None and model.spec.is_embedded and not self.asked.models

    def _fits(self, model: PlannedModel, spec: DatasetSpec) -> bool:
        """Whether a model can answer a dataset; refused loudly where that was named."""
        only = model.spec.datasets if model.spec else ()
        if only and spec.name not in only:
            reason = f"dataset {spec.name}, as the model was made for {', '.join(only)} alone"
        elif spec.needs not in model.capabilities:
            reason = lacks(model, (spec,), self.registry)
        else:
            reason = why_blind(model, spec, self.registry) or misfit(model, spec)
        if reason and spec.name in self.asked.datasets:
            raise ModelError(
                f"{model.name} cannot be asked: {reason}{able(model, spec, self.registry)}"
            )
        if reason:
            self.notices.append(f"left out for {model.name}: {reason}")
        return not reason

    def _load(self, model: PlannedModel, declared: DatasetSpec, category: str) -> LoadedDataset:
        limit = self._limit(model, declared, category)
        is_recording = model.facts.datasets is not None
        only = self.asked.only_recorded
        key = (declared.name, declared.role, limit, model.name if is_recording else None)
        if key not in self._loaded:
            spec = taking_part(apply_dataset(declared, self.config), self.asked)
            recorded = recorded_hashes(model, spec.name) if only else None
            part = Part(limit, recorded, with_ids=is_recording)
            loaded = load_dataset(spec, category, self._folders, part, self.checked.get(spec.name))
            self._loaded[key] = replace(loaded, is_shuffled=self._may_stop(spec))
            if loaded.unseen:
                self.notices.append(f"{spec.name}: {loaded.unseen}; no model can answer those")
        self._load_probe(model, self._loaded[key])
        return self._loaded[key]

    def _load_probe(self, model: PlannedModel, loaded: LoadedDataset) -> None:
        """Read what a dataset's probe is trained on, once for all models that can be probed."""
        name = loaded.spec.name
        can = model.ref.kind != "recorded" and loaded.spec.needs in model.capabilities
        if can and name not in self._probes:
            self._probes[name] = load_probe(loaded, self._folders)

    def _may_stop(self, spec: DatasetSpec) -> bool:
        """Whether the run may stop a dataset early; told where it cannot though it was asked to."""
        if self.asked.until_width is None:
            return False
        if reason := why_not_early(spec):
            self.notices.append(f"{spec.name} cannot be stopped early: {reason} ({spec.headline})")
        return not reason

    @property
    def _folders(self) -> tuple[Path, ...]:
        return (*self.asked.data_folders, *self.config.data_folders)

    def _limit(self, model: PlannedModel, spec: DatasetSpec, category: str) -> int | None:
        if self.asked.all_samples:
            return None
        if self.asked.samples is not None:
            return self.asked.samples
        if (samples := self.config.samples_of(spec.name)) is not None:
            return samples
        if model.ref.kind == "recorded":
            return None  # what is recorded costs nothing to score
        if self.asked.until_width is not None and not why_not_early(spec):
            return None  # its width says when it is enough
        return self.registry.category(category).defaults.samples

    def _plan(self, model: PlannedModel, loaded: LoadedDataset) -> PlannedDataset:
        spec = loaded.spec
        asking = asking_of(model)
        is_whole = spec.judged in {"classify", "rank"} or spec.needs == "fill"
        if is_whole or (spec.needs == "choose" and model.options.chat == "auto"):
            asking = Asking()  # what log-likelihoods are published for, and classifiers made for
        sampling = self._sampling(spec, asking)
        repeats = repeats_of(spec, self.asked)
        if once := why_once(spec, self.asked):
            self.notices.append(once)
        is_greedy = not any((sampling.temperature, *self._temperatures(spec).values()))
        if repeats > 1 and is_greedy and model.ref.kind != "recorded":
            self.notices.append(
                f"{spec.name}: {repeats} repeats at temperature 0 give the same answer each time; "
                "ask for --temperature 0.6 or so"
            )
        self._tell_of_schema(model, spec)
        pass_k = pass_ks_of(spec, self.asked, self.config)
        return PlannedDataset(
            loaded=loaded,
            asking=asking,
            shots=load_shots(loaded, self._shots(model, spec, asking), self._folders),
            sampling=sampling,
            repeats=repeats,
            metrics={scorer.name: expand(scorer, repeats, pass_k) for scorer in spec.scorers},
            until_width=self.asked.until_width if loaded.is_shuffled else None,
            added_by=added_to(spec, self.registry),
            temperatures=self._temperatures(spec),
            reading=reading_of(model, spec),
            probe=None if model.ref.kind == "recorded" else self._probes.get(spec.name),
        )

    def _temperatures(self, spec: DatasetSpec) -> Mapping[str, float]:
        return spec.temperatures if self.asked.temperature is None else {}

    def _tell_of_schema(self, model: PlannedModel, spec: DatasetSpec) -> None:
        """Tell where a model alone is answerable for the form of its answers."""
        is_written = model.ref.kind in {"recorded", "rule"}
        if spec.sampling.json_schema and not (is_written or model.engine.follows_json_schema):
            self.notices.append(
                f"{spec.name}: engine {model.engine.name} does not hold answers to a JSON schema; "
                "the prompt alone asks for their form"
            )

    def _sampling(self, spec: DatasetSpec, asking: Asking) -> Sampling:
        asked = {"temperature": self.asked.temperature, "max_tokens": self.asked.max_tokens}
        changes: dict[str, object] = {k: value for k, value in asked.items() if value is not None}
        if asking.style == "completion":  # elsewhere a turn ends by itself
            changes["stop"] = (*spec.sampling.stop, *spec.prompt.stop)
        return spec.sampling.model_copy(update=changes)

    def _shots(self, model: PlannedModel, spec: DatasetSpec, asking: Asking) -> int:
        """Worked examples: as asked, else the user's file, the model's card, the dataset.

        A classifier, and an encoder, is shown the text alone.
        """
        if spec.judged in {"classify", "rank"}:
            return 0
        if self.asked.shots is not None:
            return self.asked.shots
        override = self.config.datasets.get(spec.name)
        if override is not None and override.shots is not None:
            return override.shots
        if model.spec is not None and model.spec.convention.shots is not None:
            return model.spec.convention.shots
        if model.ref.kind == "recorded" or asking.style != "completion":
            return 0
        return spec.shots
