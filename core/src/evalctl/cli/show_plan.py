"""A plan for people: what would be run, what it takes, and the first prompt of each dataset."""

from __future__ import annotations

import json
import sys

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.panel import Panel
from rich.text import Text

from evalctl.cli.show_estimates import estimate_lines, judge_text, limit_text
from evalctl.estimates import Estimates
from evalctl.plan import Plan, PlannedDataset, PlannedModel
from evalctl.records import ImageRef, Prompt
from evalctl.reporters.figures import printable
from evalctl.reporters.hiding import hidden
from evalctl.scales import counted


def print_plan(
    plan: Plan, estimates: Estimates, *, as_json: bool, shows_unsafe: bool = False
) -> None:
    """Print a plan, what it will take, and the first prompt of each dataset.

    Args:
        plan: The plan.
        estimates: What it will take.
        as_json: Whether it is printed as JSON, with all texts.
        shows_unsafe: Whether texts that may hurt are shown to people too.
    """
    if as_json:
        described = plan.describe() | {
            "estimates": estimates.model_dump(mode="json"),
            "first_prompts": _first_prompts(plan),
        }
        sys.stdout.write(json.dumps(described, indent=2, ensure_ascii=False) + "\n")
        return
    console = Console(highlight=False, emoji=False)
    for model, estimate in zip(plan.models, estimates.models, strict=True):
        console.print(_lines(model))
        for line in estimate_lines(estimate):
            console.print(Padding(Text(printable(line)), (0, 0, 0, 2)))
        for dataset in model.datasets:
            console.print(_panel(dataset, plan.asked.seed, shows_unsafe=shows_unsafe))
    if estimates.limit is not None and estimates.limit.currency:
        console.print(limit_text(estimates.limit))
    for judge, verdicts in zip(plan.judges, estimates.judges, strict=True):
        who = f"judge: {judge.name} on {judge.engine.name}"
        console.print(Text(printable(f"{who}: {judge_text(verdicts)}")))
    if plan.baseline is not None:
        console.print(Text(printable(f"baseline: {plan.baseline.name}")))
    for notice in plan.notices:
        console.print(Text.assemble(("note: ", "bold yellow"), printable(notice)))
    is_probed = any(estimate.probe for estimate in estimates.models)
    done = "was written; models were loaded for the probe alone"
    if not is_probed:
        done = "was loaded or written"
    console.print(f"dry run: {counted(plan.n_samples, 'sample')} planned, nothing {done}")


def _panel(dataset: PlannedDataset, seed: int, *, shows_unsafe: bool) -> Panel:
    prompt = first_prompt(dataset, seed)
    title = Text(printable(f"first prompt of {dataset.name} (sample {prompt.sample_id})"))
    text = prompt_text(prompt)
    if dataset.loaded.spec.is_unsafe and not shows_unsafe:
        text = hidden(text)
    return Panel(Text(printable(text)), title=title, box=box.ROUNDED)


def first_prompt(dataset: PlannedDataset, seed: int) -> Prompt:
    """Return the request for the dataset's first sample."""
    return next(dataset.prompts(seed)).prompt


def prompt_text(prompt: Prompt) -> str:
    """Return what a model is asked: a conversation with its roles, a text, or texts to weigh."""
    if prompt.continuations and not (prompt.text or prompt.messages):
        return "\n".join(prompt.continuations)
    first = [*map(_named, prompt.images), prompt.text]
    for message in prompt.messages:
        first += [*map(_named, message.images), f"[{message.role}] {message.content}"]
    if prompt.words:
        first.append(f"[words of the page] {' '.join(word.text for word in prompt.words)}")
    later = (f"[after the reply] {turn}" for turn in prompt.later_turns)
    return "\n".join([*filter(None, first), *later])


def _named(image: ImageRef) -> str:
    """Return what stands for an image where it cannot be shown."""
    return f"[image] {image.path}{'' if image.row is None else f', row {image.row}'}"


def _wanted(dataset: PlannedDataset) -> tuple[str, ...]:
    """Return what the model is asked for."""
    match dataset.loaded.spec.needs:
        case "choose" | "fill":
            return ("log-likelihoods of given answers",)
        case "generate":
            sampling = dataset.sampling
            return (
                f"completions each: {dataset.repeats}",
                _temperature(dataset),
                f"at most {sampling.max_tokens:,} new tokens",
                f"stop: {' '.join(map(repr, sampling.stop)) or 'none'}",
            )
        case other:
            return (f"`{other}`",)


def _temperature(dataset: PlannedDataset) -> str:
    told = f"temperature {dataset.sampling.temperature:g}"
    if not dataset.temperatures:
        return told
    others = (f"{value} {one:g}" for value, one in dataset.temperatures.items())
    return f"{told} ({dataset.loaded.spec.temperature_by} {', '.join(others)})"


def _first_prompts(plan: Plan) -> dict[str, object]:
    return {
        f"{model.name}/{dataset.name}": first_prompt(dataset, plan.asked.seed).model_dump(
            mode="json"
        )
        for model in plan.models
        for dataset in model.datasets
    }


def _lines(model: PlannedModel) -> Text:
    options = model.options.model_dump(mode="json", exclude_defaults=True)
    settings = [f"{key}={value}" for key, value in options.items()]
    if model.preset:
        settings.insert(0, f"preset {model.preset}")
    text = Text.assemble((printable(model.name), "bold"), f" on {model.engine.name}")
    text.append(f" ({', '.join(settings)})" if settings else "", "dim")
    for dataset in model.datasets:
        loaded = dataset.loaded
        facts = (
            *([f"until the interval is {width:g} wide"] if (width := dataset.until_width) else []),
            f"{loaded.n_samples:,} of {loaded.n_available:,} samples"
            + ("" if loaded.n_recorded is None else f" ({loaded.n_recorded:,} are recorded)"),
            f"{dataset.asking.style} style",
            f"worked examples: {len(dataset.shots)}",
            *_wanted(dataset),
        )
        text.append(f"\n  {dataset.name}: ", "bold")
        text.append(f"{', '.join(facts)}\n    from {printable(loaded.located.origin)}")
    if model.measuring is not None:
        spec = model.measuring.spec
        text.append("\n  then its speed: ", "bold")
        text.append(
            f"loaded {counted(spec.sessions, 'time')}, each time at least {spec.requests} prompts "
            f"with 1, 2 … up to {spec.most_at_once} at once, until more bring little"
        )
    return text
