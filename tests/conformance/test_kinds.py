"""Rules where scorers, datasets and texts are of other kinds than the quiz plugin's."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.conformance.breaking import Change, scorer
from tests.conformance.folders import outcomes_here, quiz_folder

from evalctl.conformance import Outcome
from evalctl.conformance.growth import LENGTHS, measure
from evalctl.conformance.subject import PATIENCE_SECONDS
from evalctl.conformance.watch import Event
from evalctl.conformance.wording import says_not_pinned, says_nothing

EXAMPLES = (
    "good-examples-get-full-marks",
    "bad-examples-get-less",
    "scores-are-the-same-twice",
    "empty-outputs-get-no-marks",
)
POOLED = Change('headline="quiz_accuracy"', 'headline="quiz_share"', "")
JUDGED = Change('headline="quiz_accuracy"', 'headline="quiz_grade"', "")
PROGRAMS = Change(
    "    score=score,\n",
    "    execution=ExecutionSpec(request=request),\n",
    "",
)
REQUEST = Change(
    "MATCH = ScorerSpec",
    "def request(sample: Sample, completion: Completion) -> ExecutionRequest:\n"
    '    return ExecutionRequest(id="x", program=completion.text)\n\n\nMATCH = ScorerSpec',
    "",
)
NAMES = Change("    Engine,\n", "    Engine,\n    ExecutionRequest,\n    ExecutionSpec,\n", "")
CHOICES = Change('solution="cow")', 'solution="cow", choices=("pig", "cow"))', "")
CHOSEN = Change(
    'scorers=(MATCH, JUDGED),\n    headline="quiz_accuracy",',
    'scorers=(CHOSEN,),\n    headline="quiz_choice",\n    needs="choose",\n    gold=gold,',
    "",
)
CHOOSING = """
def gold(sample):
    return sample.solution


def choose(sample, given):
    values = [-1e300 if one.logprob != one.logprob else one.logprob for one in given]
    if not values:
        return Score(value=0.0, answer=None)
    best = sample.choices[values.index(max(values))]
    return Score(value=float(best == sample.target), answer=best)


CHOSEN = ScorerSpec(
    name="quiz_chosen",
    version="1",
    choose=choose,
    metrics=(MetricSpec(name="quiz_choice", title="right", reduce=reduce, proportion=True),),
)
"""
ANIMALS = Change(
    'prompt=PromptTemplate(question="Q: {input}\\nA:", instruction="{input} Use one word."),',
    'prompt=PromptTemplate(question="{input}"),',
    "",
)
CLASSIFIED = Change(
    'scorers=(MATCH, JUDGED),\n    headline="quiz_accuracy",',
    'scorers=(CLASSIFIED,),\n    headline="quiz_class",\n    needs="classify",\n'
    '    classes=(ClassSpec(name="cow"), ClassSpec(name="pig")),',
    "",
)
CLASSIFYING = """
from evalctl import ClassSpec, found_class


def classify(sample, given):
    found = found_class(given)
    return Score(value=float(found == sample.target), answer=found)


CLASSIFIED = ScorerSpec(
    name="quiz_classified",
    version="1",
    classify=classify,
    metrics=(MetricSpec(name="quiz_class", title="right", reduce=reduce, proportion=True),),
)
"""
CLASSIFIES = Change("SAMPLE = Sample(", f"{CLASSIFYING}\n\nSAMPLE = Sample(", "")
CHOOSES = Change("SAMPLE = Sample(", f"{CHOOSING}\n\nSAMPLE = Sample(", "")
SLOW = "[answer.count('x', at) for at in range(0, len(answer) * answer.startswith('####'), 12)]"


def statuses(folder: Path, rules: tuple[str, ...], is_alone: bool = False) -> dict[str, str]:
    found = outcomes_here(folder, None, rules, is_alone=is_alone)
    return {name: one.status for name, one in found.items()}


def one(folder: Path, rule: str) -> Outcome:
    return outcomes_here(folder, None, [rule])[rule]


def test_a_pooled_headline_is_that_of_all_examples_together(tmp_path: Path) -> None:
    assert set(statuses(quiz_folder(tmp_path, POOLED), EXAMPLES).values()) == {"ok"}


def test_a_judged_headline_is_not_checked(tmp_path: Path) -> None:
    found = statuses(quiz_folder(tmp_path, JUDGED), EXAMPLES)

    assert found == dict.fromkeys(EXAMPLES, "not checked") | {"scores-are-the-same-twice": "ok"}


def test_programs_are_never_said_to_be_right_where_there_is_no_sandbox(tmp_path: Path) -> None:
    folder = quiz_folder(tmp_path, NAMES, REQUEST, PROGRAMS)

    found = statuses(folder, EXAMPLES, is_alone=True)

    assert found == dict.fromkeys(EXAMPLES, "not checked")


def test_a_choice_is_judged_by_made_up_log_likelihoods(tmp_path: Path) -> None:
    folder = quiz_folder(tmp_path, CHOICES, CHOSEN, CHOOSES)
    rules = (*EXAMPLES, "hostile-outputs-are-survived")

    assert set(statuses(folder, rules).values()) == {"ok"}


def test_a_choice_of_another_one_than_the_likeliest_is_found(tmp_path: Path) -> None:
    least = Change("values.index(max(values))", "values.index(min(values))", "")
    found = statuses(quiz_folder(tmp_path, CHOICES, CHOSEN, CHOOSES, least), EXAMPLES[:2])

    assert set(found.values()) == {"failed"}


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("    if not values:\n        return Score(value=0.0, answer=None)\n", "", "no log-like"),
        ("-1e300 if one.logprob != one.logprob else one", "one", "that are no numbers"),
    ],
)
def test_log_likelihoods_that_a_choice_does_not_survive_are_found(
    tmp_path: Path, old: str, new: str, says: str
) -> None:
    share = Change("float(best == sample.target)", "sum(map(float, values)) * 0 + 1.0", "")
    changes = (CHOICES, CHOSEN, CHOOSES, *([share] if not old.startswith("    if") else []))
    folder = quiz_folder(tmp_path, *changes, Change(old, new, ""))

    found = one(folder, "hostile-outputs-are-survived")

    assert says in found.findings[0].what


def test_a_class_is_judged_by_made_up_labels(tmp_path: Path) -> None:
    folder = quiz_folder(tmp_path, ANIMALS, CLASSIFIED, CLASSIFIES)
    rules = (*EXAMPLES, "hostile-outputs-are-survived", "specs-are-valid")

    assert set(statuses(folder, rules).values()) == {"ok"}


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("found_class(given)", "min(given, key=given.get)", "good-examples-get-full-marks"),
        ("float(found == sample.target)", "1.0", "bad-examples-get-less"),
        (
            "float(found == sample.target)",
            "1 / max(given.values())",
            "hostile-outputs-are-survived",
        ),
    ],
)
def test_classes_that_are_judged_wrongly_are_found(
    tmp_path: Path, old: str, new: str, rule: str
) -> None:
    folder = quiz_folder(tmp_path, ANIMALS, CLASSIFIED, CLASSIFIES, Change(old, new, ""))

    assert one(folder, rule).status == "failed"


def test_placeholders_of_choices_and_metadata_are_known(tmp_path: Path) -> None:
    asks = '"Q: {input}\\n{choices}\\n{metadata:topic}A:"'
    known = Change('"Q: {input}\\nA:"', asks, "")
    folder = quiz_folder(tmp_path / "known", known)
    misspelt = quiz_folder(tmp_path / "misspelt", known, Change("{metadata:", "{metadta:", ""))

    assert one(folder, "prompts-leave-nothing-unfilled").status == "ok"
    found = one(misspelt, "prompts-leave-nothing-unfilled")
    assert "did you mean {metadata:topic}" in found.findings[0].what


def test_an_isolated_scorer_may_take_its_time(tmp_path: Path) -> None:
    isolated = Change("    score=score,\n", "    score=score,\n    is_isolated=True,\n", "")
    folder = quiz_folder(tmp_path, scorer(SLOW, ""), isolated)

    assert one(folder, "time-grows-with-length").status == "ok"


def test_an_isolated_scorer_has_its_own_limit(tmp_path: Path) -> None:
    isolated = "    score=score,\n    is_isolated=True,\n    timeout_seconds=3.0,\n"
    folder = quiz_folder(tmp_path, Change("    score=score,\n", isolated, ""))
    steps: dict[str, float] = {}

    outcomes_here(folder, None, ["hostile-outputs-are-survived"], announce=steps.__setitem__)

    assert steps["scorer quiz_match on a NUL"] == 3.0
    assert steps["scorer quiz_judged, its judge's parse on a NUL"] == PATIENCE_SECONDS


def test_a_plugin_without_datasets_has_nothing_to_be_scored(tmp_path: Path) -> None:
    unhooked = Change("@hookimpl\ndef evalctl_categories", "def no_categories", "")

    found = outcomes_here(quiz_folder(tmp_path, unhooked), None, EXAMPLES)

    assert {one.reason for one in found.values()} == {
        "it has no dataset",
        "it has no scorer",
    }
    assert {one.status for one in found.values()} == {"does not apply"}


READMES = {
    "## quiz_animals\n\nLicence: CC0 1.0.\n": "ok",
    "## quiz_animals\n\nTwo questions.\n\n## Others\n\nCC0-1.0\n": "failed",
    "The dataset quiz_animals_small is CC0-1.0\n": "failed",
    "| `quiz_animals` | 2 | cc0-1.0 |\n": "ok",
    "| quiz_animals | MIT |\n| other | CC0-1.0 |\n": "failed",
    "": "failed",
}


@pytest.mark.parametrize("text", READMES)
def test_a_licence_stands_beside_the_dataset(text: str, tmp_path: Path) -> None:
    folder = quiz_folder(tmp_path)
    (folder / "README.md").write_text(text)

    assert one(folder, "readme-names-each-dataset").status == READMES[text]


BRACES = {
    "Put it into \\\\boxed{answer}.": "ok",
    "Answer as {{json}}.": "ok",
    'Answer as {\\"word\\": ...}.': "ok",
    "Say {answer}.": "failed",
    "Say {Input}.": "failed",
}


@pytest.mark.parametrize("words", BRACES)
def test_words_in_braces_are_placeholders_or_latex(words: str, tmp_path: Path) -> None:
    folder = quiz_folder(tmp_path, Change("Use one word.", words, ""))

    assert one(folder, "prompts-leave-nothing-unfilled").status == BRACES[words]


def test_a_judge_prompt_that_ends_with_the_answer_has_no_fence(tmp_path: Path) -> None:
    folder = quiz_folder(tmp_path, Change("\\n{text}\\nSay yes or no.", "\\n{completion.text}", ""))

    found = one(folder, "judged-text-stays-in-its-fence")

    assert found.status == "failed"
    assert found.findings[0].where.endswith("its judge's prompt, a judged text")
    assert "nothing closes it" in found.findings[0].what


def test_a_question_and_an_earlier_reply_need_their_fences_too(tmp_path: Path) -> None:
    folder = quiz_folder(
        tmp_path, Change("{question}\\nIs this right?", "{sample.input}\\nOk?", "")
    )

    found = one(folder, "judged-text-stays-in-its-fence")

    assert [finding.where.rpartition(", ")[2] for finding in found.findings] == ["the question"]


def test_a_reply_to_an_earlier_turn_has_a_fence_as_well(tmp_path: Path) -> None:
    folder = quiz_folder(
        tmp_path,
        Change('SAMPLE, good="Cow."', 'SAMPLE, earlier=("Hm.",), good="Cow."', ""),
        Change('input="What moos?"', 'input="What?", later_turns=("What moos?",)', ""),
        Change("{question}\\nIs", "{question} {''.join(completion.earlier)}\\nIs this? Is", ""),
    )

    found = one(folder, "judged-text-stays-in-its-fence")

    assert [finding.where.rpartition(", ")[2] for finding in found.findings] == ["an earlier reply"]
    assert "closes its own fence" in found.findings[0].what


def test_a_hub_copy_that_the_readme_calls_not_pinned_is_let_be(tmp_path: Path) -> None:
    folder = quiz_folder(tmp_path, Change("revision=REVISION),))", "revision=None),))", ""))
    (folder / "README.md").write_text("| quiz_animals | CC0-1.0 | quizzes/animals, not pinned |")

    assert one(folder, "datasets-pin-their-revision").status == "ok"


@pytest.mark.parametrize(
    "text", ["", "  ", "?", "TODO", "TODO: ask", "tbc TBD", "-", "…", "unknown", "N/A", "licence"]
)
def test_placeholders_say_nothing(text: str) -> None:
    assert says_nothing(text)


@pytest.mark.parametrize("text", ["MIT", "X", "CC0-1.0", "not stated", "ourselves", "数学"])
def test_short_words_may_say_something(text: str) -> None:
    assert not says_nothing(text)


def test_another_row_says_nothing_on_a_pin() -> None:
    assert not says_not_pinned("| a/b | 0123 |\n| c/d | not pinned |", "a/b")


GROWTHS: dict[str, tuple[Callable[[int], float], bool]] = {
    "nothing": (lambda n: 1e-6, False),
    "linear": (lambda n: n * 1e-5, False),
    "linear with a start": (lambda n: 0.05 + n * 1e-5, False),
    "n log n": (lambda n: n * math.log2(n) * 1e-6, False),
    "square below the floor": (lambda n: n**2 * 5e-12, False),
    "square": (lambda n: n**2 * 1e-10, True),
    "square with a start": (lambda n: 0.001 + n**2 * 1e-10, True),
    "cube": (lambda n: n**3 * 1e-15, True),
    "exponential": (lambda n: 2.0 ** (n / 200) * 1e-6, True),
}


@pytest.mark.parametrize("name", GROWTHS)
def test_growth_is_told_from_times_alone(name: str) -> None:
    seconds, is_flagged = GROWTHS[name]

    assert (measure(lambda length, turn: seconds(length)) is not None) == is_flagged


def test_one_slow_measurement_flags_nothing() -> None:
    disturbed = {LENGTHS[2]: 9.0}

    assert measure(lambda length, turn: disturbed.pop(length, length * 1e-6)) is None


EVENTS = {
    Event("open", ("a.txt", "w", 0)): "writes to a.txt",
    Event("open", ("a.txt", None, 0o101)): "writes to a.txt",
    Event("open", ("a.txt", "r", 0)): None,
    Event("open", (3, None, 0)): None,
    Event("os.mkdir", ("a", 0o777, -1)): "makes the folder a",
    Event("import", ("a",)): None,
}


@pytest.mark.parametrize("event", EVENTS, ids=str)
def test_an_event_is_put_into_words(event: Event) -> None:
    assert event.effect == EVENTS[event]


def test_only_reaching_events_are_looked_into_for_a_word() -> None:
    code = compile("canary(1)", "<string>", "eval")

    assert Event("exec", (code,)).holds("canary")
    assert Event("open", (b"/tmp/canary", "r", 0)).holds("canary")
    assert Event("subprocess.Popen", ("sh", ["sh", "-c", "canary"])).holds("canary")
    assert not Event("compile", (b"canary(1)", "<unknown>")).holds("canary")
