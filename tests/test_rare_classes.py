"""What a report says of classes that few rows are of, or none."""

from __future__ import annotations

import json

from tests.conftest import Site

BIRDS = """
from functools import partial

from evalctl import (
    CategorySpec, DatasetSpec, Example, InlineSource, MetricSpec, PromptTemplate, Sample, Score,
    ScorerSpec, class_counts, class_f1, class_support, hookimpl, mean_value,
)

def score(sample, completion):
    given = completion.text.strip()
    return Score(value=float(given == sample.target), answer=given,
                 counts=class_counts(sample.target, given))

def f1_of(name):
    return MetricSpec(name=f"f1_{name}", title=f"F1 of {name}", pooled=partial(class_f1, name=name),
                      support=partial(class_support, name=name))

scorer = ScorerSpec(
    name="birds_named", version="1", score=score,
    metrics=(MetricSpec(name="birds_right", title="right", reduce=mean_value, proportion=True),
             *map(f1_of, ("jay", "owl", "dodo"))),
)
rows = tuple({"q": f"{n}", "a": "owl" if n < 5 else "jay"} for n in range(100))
data = DatasetSpec(
    name="birds", title="Birds", version="1", licence="CC0-1.0", citation="none",
    sources=(InlineSource(rows=rows),), columns=frozenset({"q", "a"}),
    prompt=PromptTemplate(question="{input}", answer=" {target}", instruction="{input}"),
    to_sample=lambda row: Sample(id=str(row.number), input=row.text("q"), target=row.text("a")),
    scorers=(scorer,), headline="birds_right", role="primary",
    examples=(Example(sample=Sample(id="e", input="1", target="jay"), good="jay", bad="owl"),),
)

@hookimpl
def evalctl_categories():
    return (CategorySpec(name="birds", title="Birds", datasets=(data,)),)
"""


def test_a_class_is_told_with_its_own_rows_and_why_it_has_no_interval(site: Site) -> None:
    site.add("birds", BIRDS)
    rows = [{"dataset": "birds", "id": str(n), "completions": ["jay"]} for n in range(100)]
    (site.folder / "jays.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = site.run("run", "--model", "replay:jays.jsonl", "-c", "birds", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    (dataset,) = json.loads(done.stdout)["models"][0]["datasets"]
    by_name = {metric["name"]: metric for metric in dataset["metrics"]}
    assert (by_name["f1_owl"]["value"], by_name["f1_owl"]["interval"]) == (0.0, None)
    assert "no interval" in by_name["f1_owl"]["note"]
    assert (by_name["f1_owl"]["n_scored"], by_name["f1_jay"]["n_scored"]) == (5, 95)
    assert by_name["f1_dodo"]["value"] is None
    assert by_name["f1_dodo"]["note"].startswith("not defined")
