from __future__ import annotations

import io

import pytest
from rich.console import Console

from evalctl.reporters.figures import printable
from evalctl.reporters.terminal import print_result, render_model
from evalctl.results import (
    DatasetResult,
    Failures,
    GroupMetric,
    GroupValue,
    MetricValue,
    ModelResult,
    RunResult,
    Usage,
)

METRIC = MetricValue(
    name="numerical_accuracy_pass@16",
    value=0.385,
    stderr=0.0134,
    interval=(0.358, 0.412),
    n_scored=1295,
    n_total=1319,
    n_unparsed=12,
    n_truncated=7,
)


def result(**changes: object) -> RunResult:
    dataset = DatasetResult(
        dataset="gsm8k",
        role="primary",
        headline=METRIC.name,
        metrics=(METRIC,),
        n_samples=1319,
        n_done=1319,
        n_available=1319,
        failures=Failures(engine=24),
        reasons=("\x1b[31mred\x1b[0m [bold]markup[/bold]",),
    )
    model = ModelResult(model="vllm:/x/[red]y", engine="vllm", datasets=(dataset,))
    values = {"run_id": "r", "status": "complete", "models": (model,)}
    return RunResult.model_validate(values | changes)


def shown(columns: int) -> str:
    console = Console(file=io.StringIO(), width=columns, highlight=False)
    print_result(console, result(notices=("note \x1b]0;title\x07",)))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_table_fits_80_columns_with_every_figure_on_one_line() -> None:
    line = next(line for line in shown(80).splitlines() if "pass@16" in line)
    for figure in ("38.5 ± 1.3", "35.8–41.2", "1295/1319", "1 %"):
        assert figure in line
    assert max(len(line) for line in shown(80).splitlines()) <= 80


@pytest.mark.parametrize(
    ("usage", "told"),
    [
        ({"tokens_per_second": 50.0}, "2,000 tokens at 50/s"),
        ({"tokens_per_second": 5.0, "cached": 9}, "9 from the cache · about 200 tokens at 5/s"),
        ({"tokens_per_second": 5.0}, "about 200 tokens at 5/s"),
    ],
)
def test_a_speed_is_told_with_the_tokens_that_it_is_of(usage: dict[str, float], told: str) -> None:
    console = Console(file=io.StringIO(), width=200)
    spent = Usage.model_validate({"output_tokens": 2000, "generate_seconds": 40.0, **usage})
    model = ModelResult(model="m", engine="e", datasets=(), usage=spent)
    console.print(render_model(model, console))
    assert isinstance(console.file, io.StringIO)
    assert told in console.file.getvalue()


@pytest.mark.parametrize("columns", [30, 40, 60])
def test_a_narrow_terminal_cuts_no_figure(columns: int) -> None:
    text = "".join(shown(columns).split())
    assert "…" not in text
    for figure in ("38.5", "35.8", "41.2"):
        assert figure in text


def test_text_of_unknown_origin_cannot_steer_the_terminal() -> None:
    text = shown(80)
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "[bold]markup[/bold]" in text
    assert "[red]y" in text


def test_ordinary_text_stays_as_it_is() -> None:
    assert printable("½ of 10 €\n\t数学") == "½ of 10 €\n\t数学"


def test_other_metrics_of_groups_are_told_where_all_groups_are() -> None:
    bias = GroupMetric(name="bias", value=-0.25, stderr=0.05, interval=(-0.35, -0.15))
    group = GroupValue(
        group="Age", value=0.5, stderr=None, interval=None, n_scored=4, n_total=4, others=(bias,)
    )
    (model,) = result().models
    dataset = model.datasets[0].model_copy(update={"groups": {"category": (group,)}})
    whole = result(models=(model.model_copy(update={"datasets": (dataset,)}),))
    said = {}
    for all_groups in (False, True):
        console = Console(file=io.StringIO(), width=100, highlight=False)
        print_result(console, whole, all_groups=all_groups)
        assert isinstance(console.file, io.StringIO)
        said[all_groups] = console.file.getvalue()

    assert "bias" not in said[False]
    (line,) = (line for line in said[True].splitlines() if "bias" in line)
    assert "-25.0 ± 5.0" in line
