"""By rule: what to change in the quiz plugin so that it breaks this rule and no other."""

from __future__ import annotations

from typing import NamedTuple

README = """# evalctl-quiz

| dataset | licence |
| --- | --- |
| quiz_animals | CC0-1.0 |
"""

PYPROJECT = """
[project]
name = "evalctl-quiz"
version = "1.2.3"
dependencies = ["evalctl>=0.1,<0.2"]

[project.entry-points.evalctl]
quiz = "evalctl_quiz"
"""


class Change(NamedTuple):
    """One thing that is replaced."""

    old: str
    """Stands in the file, once or more; all are replaced."""
    new: str
    """What takes its place."""
    says: str
    """Part of what is found."""
    file: str = "evalctl_quiz.py"
    """Where."""


def appended(code: str, says: str) -> Change:
    """Return a change that puts code behind the imports."""
    return Change("    mean_value,\n)\n", f"    mean_value,\n)\n\n{code}\n", says)


_IF_SCORED = "    right = answer == sample.target\n"


def scorer(code: str, says: str) -> Change:
    """Return a change that puts code where the scorer has an answer to judge."""
    return Change(_IF_SCORED, f"    {code}\n{_IF_SCORED}", says)


PACKAGE = {
    "works-with-this-evalctl": Change(
        ">=0.1,<0.2", ">=98,<99", "needs evalctl>=98,<99", "pyproject.toml"
    ),
    "bounds-its-evalctl": Change(",<0.2", "", "takes any later evalctl", "pyproject.toml"),
    "uses-the-public-api-alone": appended(
        "from evalctl.metrics import first_value", "imports evalctl.metrics, which is not public"
    ),
    "readme-names-each-dataset": Change(
        "| quiz_animals | CC0-1.0 |", "| quiz_animals |", "its licence, 'CC0-1.0'", "README.md"
    ),
    "imports-without-error": appended("1 / 0", "ZeroDivisionError: division by zero (/"),
    "imports-nothing-heavy": appended("import sympy", "pulls in sympy"),
    "does-nothing-when-imported": appended("print('hello')", "prints something"),
}
HOOKS = {
    "hooks-are-known": Change("def evalctl_engines", "def evalctl_engine", "did you mean"),
    "hooks-return-specs": Change("return (ENGINE,)", "return (MODEL,)", "not EngineSpec"),
    "hooks-return-the-same-twice": Change(
        "return (ENGINE,)",
        "CALLS.append(1)\n    return (ENGINE.model_copy(update={'title': f'call {len(CALLS)}'}),)\n"
        "\n\nCALLS: list[int] = []",
        "evalctl_engines: returns something else",
    ),
    "names-are-free": Change(
        "return (ENGINE,)",
        "return (ENGINE, ENGINE.model_copy(update={'name': 'vllm'}))",
        "engine 'vllm', brought by quiz (evalctl-quiz 1.2.3), is already taken by engines",
    ),
}
SPECS = {
    "specs-are-valid": Change(
        "return (ENGINE,)",
        "return (ENGINE.model_copy(update={'path_form': 7}),)",
        "engine quiz_engine: EngineSpec.path_form: Input should be a valid string",
    ),
    "specs-are-frozen": Change(
        "datasets=(ANIMALS,)",
        "datasets=(ANIMALS.model_copy(update={'shot_ids': ['0']}),)",
        "holds a list, which can be changed",
    ),
    "specs-can-be-written-down": Change(
        '"made for tests"', '"made for tests \\ud800"', "surrogates not allowed"
    ),
    "functions-are-found-by-name": Change(
        "to_sample=to_sample", "to_sample=lambda row: to_sample(row)", "is a lambda"
    ),
    "specs-stay-as-they-are": scorer(
        'sample.metadata["seen"] = 1', "category quiz: is no longer what it was"
    ),
}
DATASETS = {
    "titles-are-given": Change("an engine for quizzes", "TODO", "engine quiz_engine: has no title"),
    "datasets-name-their-licence": Change("CC0-1.0", "unknown", "its licence is 'unknown'"),
    "datasets-cite-their-makers": Change("made for tests", "", "its citation is ''"),
    "datasets-pin-their-revision": Change(
        "revision=REVISION),))", "revision='main'),))", "has the revision 'main', no commit"
    ),
    "datasets-have-examples": Change("examples=(EXAMPLE,)", "examples=()", "has no example"),
    "offline-rows-load": Change(
        '{"question": "What purrs?"', '{"asked": "What purrs?"', "column 'question' is missing"
    ),
    "prompts-hold-the-question": Change("{input} Use", "Use", "does not hold the question"),
    "prompts-leave-nothing-unfilled": Change(
        "Use one word", "Use one {inputs}", "left as it is; did you mean {input}?"
    ),
    "prompts-keep-the-answer-secret": Change("Use one word", "Say {target}", "gold answer"),
    "worked-examples-are-whole": Change(
        'target="cow", solution="cow")', 'target="cow")', "as a worked one shows no answer"
    ),
}
SCORES = {
    "good-examples-get-full-marks": Change(
        '.removesuffix(".")', "", "good output: quiz_accuracy is 0; full marks are 1"
    ),
    "bad-examples-get-less": Change(
        "answer == sample.target", 'answer in (sample.target, "pig")', "bad output: quiz_accuracy"
    ),
    "scores-are-the-same-twice": Change(
        "answer=answer, counts", "answer=str(time.time_ns()), counts", "gives (("
    ),
    "empty-outputs-get-no-marks": Change(
        "Score(value=0.0, answer=None)", "Score(value=None)", "quiz_accuracy is not scored"
    ),
    "hostile-outputs-are-survived": scorer("answer.isdigit() and int(answer)", "Exceeds the limit"),
    "outputs-are-never-run": scorer(
        "with contextlib.suppress(Exception):\n        answer.endswith('(1)') and eval(answer)",
        "the output reaches Python's `exec`",
    ),
    "time-grows-with-length": scorer(
        "steps = range(0, len(answer) * answer.startswith('#### 1'), 12)\n"
        "    [answer.count('x', at) for at in steps]",
        "times what a quarter of them takes",
    ),
    "judged-text-stays-in-its-fence": Change(
        "question, text = fenced(sample.input, completion.text)",
        'question, text = fenced(sample.input), f"=====\\n{completion.text}\\n====="',
        "closes its own",
    ),
}
METRICS = {
    "metrics-stay-in-their-range": Change(
        "return mean_value(scores)", "return scores[0].value", "on no scores at all: IndexError"
    ),
    "unscored-is-never-a-zero": Change(
        "return mean_value(scores)", "return mean_value(scores) or 0.0", "is 0.0 for what is not"
    ),
    "proportions-are-zero-or-one": Change(
        "value=float(right), answer=answer", "value=0.5 + right / 2, answer=answer", "is 0.5 on"
    ),
}
PARTS = {
    "models-name-a-known-engine": Change(
        'context_length=128,\n    engine="quiz_engine"',
        'context_length=128,\n    engine="quizzer"',
        "names the engine 'quizzer', which no installed plugin brings",
    ),
    "models-suit-their-engine": Change('kinds=("decoder",)', 'kinds=("encoder",)', "opens encoder"),
    "model-presets-are-valid": Change('{"size": 2}', '{"sizes": 2}', "Options.sizes: Extra inputs"),
    "models-name-their-licence": Change('licence="MIT"', 'licence="?"', "its licence is '?'"),
    "models-pin-their-revision": Change(
        "revision=REVISION,\n", "", "quizzes/model has the revision None, no commit"
    ),
    "model-wraps-hold-the-instruction": Change("{instruction}", "{input}", "does not hold"),
    "factories-are-found": Change("quiz:open_engine", "quiz:open", "evalctl_quiz defines no open"),
    "engine-options-have-defaults": Change("size: int = 1", "size: int", "size: Field required"),
}
BREAKING = PACKAGE | HOOKS | SPECS | DATASETS | SCORES | METRICS | PARTS
