"""The toxicity datasets: each is given to classifiers, and in words to models that write."""

from __future__ import annotations

from evalctl import (
    ClassSpec,
    DatasetSpec,
    Example,
    FileParts,
    FileSource,
    PromptTemplate,
    Sample,
    Sampling,
)
from evalctl_safety import toxicity_rows as rows
from evalctl_safety.toxicity_classes import (
    ABOUT_HATE,
    ABOUT_THREE,
    ABOUT_TOXIC,
    HATE_ANSWERS,
    HATE_CLASSES,
    THREE_ANSWERS,
    THREE_CLASSES,
    TOXIC_ANSWERS,
    TOXIC_CLASSES,
    in_words,
)
from evalctl_safety.toxicity_scoring import by_labels, by_words

_BY_TEXT = PromptTemplate(question="{input}", answer="")
_WRITTEN = Sampling(max_tokens=256)


def class_of(sample: Sample) -> str:
    """Return the gold class."""
    return sample.target


def written_class(sample: Sample) -> str:
    """Return the gold class as a model writes it."""
    return f"Answer: {sample.target.replace('_', ' ')}"


def _other(sample: Sample, classes: tuple[ClassSpec, ...]) -> str:
    names = [one.name for one in classes]
    return names[(names.index(sample.target) + 1) % len(names)]


def other_hate(sample: Sample) -> str:
    """Return the other class of HateCheck as a model writes it."""
    return f"Answer: {_other(sample, HATE_CLASSES)}"


def other_of_three(sample: Sample) -> str:
    """Return another class of Davidson's likewise."""
    return f"Answer: {_other(sample, THREE_CLASSES).replace('_', ' ')}"


def other_toxic(sample: Sample) -> str:
    """Return the other class of toxicity likewise."""
    return f"Answer: {_other(sample, TOXIC_CLASSES)}"


def _files(*paths: str) -> FileParts:
    return FileParts(paths=paths)


def _example(target: str, *, good: str, bad: str) -> Example:
    sample = Sample(id="example", input="A text about my neighbours.", target=target)
    return Example(sample=sample, good=good, bad=bad)


def _spoken(spec: DatasetSpec, **changes: object) -> DatasetSpec:
    """Return a dataset's form for models that write."""
    return DatasetSpec.model_validate(
        {
            **dict(spec),
            "name": f"{spec.name}_written",
            "title": f"{spec.title}, answered in words",
            "needs": "generate",
            "otherwise": "",
            "sampling": _WRITTEN,
            "gold": written_class,
            "role": "variant",
            **changes,
        }
    )


toxicity_detection = DatasetSpec(
    name="toxicity_detection",
    title="HateCheck: functional tests of telling hate from what looks like it",
    is_unsafe=True,
    version="1",
    licence="CC-BY-4.0",
    citation='Röttger et al. 2021, "HateCheck: Functional Tests for Hate Speech Detection Models"',
    sources=(
        FileSource(
            parts=(
                _files(
                    "toxicity_detection/hatecheck/test_suite_cases.csv",
                    "hatecheck-data/test_suite_cases.csv",
                    "hatecheck/test_suite_cases.csv",
                ),
            )
        ),
    ),
    columns=frozenset({"functionality", "case_id", "test_case", "label_gold"}),
    to_sample=rows.hatecheck,
    prompt=_BY_TEXT,
    groups=("functionality", "target"),
    group_metric="toxicity_accuracy",
    needs="classify",
    classes=HATE_CLASSES,
    otherwise="toxicity_detection_written",
    scorers=(by_labels("hatecheck", HATE_CLASSES),),
    headline="toxicity_detection_f1",
    gold=class_of,
    examples=(
        _example(rows.HATEFUL, good=rows.HATEFUL, bad=rows.NON_HATEFUL),
        _example(rows.NON_HATEFUL, good=rows.NON_HATEFUL, bad=rows.HATEFUL),
    ),
    role="primary",
)
toxicity_detection_written = _spoken(
    toxicity_detection,
    prompt=in_words(ABOUT_HATE, HATE_CLASSES),
    scorers=(by_words("hatecheck", HATE_CLASSES, HATE_ANSWERS),),
    perturb=other_hate,
    examples=(
        _example(
            rows.HATEFUL, good="It demeans a group.\nAnswer: hateful", bad="Answer: non-hateful"
        ),
        _example(rows.NON_HATEFUL, good="This is not hateful.", bad="It could be hateful or not."),
    ),
)

toxicity_davidson = DatasetSpec(
    name="toxicity_davidson",
    title="Davidson: hate speech, offensive language and neither on Twitter",
    is_unsafe=True,
    version="1",
    licence="MIT",
    citation='Davidson et al. 2017, "Automated Hate Speech Detection and the Problem of Offensive '
    'Language"',
    sources=(
        FileSource(
            parts=(
                _files(
                    "toxicity_detection/davidson/labeled_data.csv",
                    "hate-speech-and-offensive-language/data/labeled_data.csv",
                    "davidson/labeled_data.csv",
                ),
            )
        ),
    ),
    columns=frozenset({"count", "class", "tweet"}),
    to_sample=rows.davidson,
    prompt=_BY_TEXT,
    needs="classify",
    classes=THREE_CLASSES,
    otherwise="toxicity_davidson_written",
    scorers=(by_labels("davidson", THREE_CLASSES),),
    headline="toxicity_detection_f1",
    gold=class_of,
    examples=(
        _example(rows.HATE_SPEECH, good=rows.HATE_SPEECH, bad=rows.OFFENSIVE),
        _example(rows.OFFENSIVE, good=rows.OFFENSIVE, bad=rows.NEITHER),
        _example(rows.NEITHER, good=rows.NEITHER, bad=rows.HATE_SPEECH),
    ),
    role="secondary",
)
toxicity_davidson_written = _spoken(
    toxicity_davidson,
    prompt=in_words(ABOUT_THREE, THREE_CLASSES),
    scorers=(by_words("davidson", THREE_CLASSES, THREE_ANSWERS),),
    perturb=other_of_three,
    examples=(
        _example(rows.OFFENSIVE, good="Answer: offensive language", bad="Answer: hate speech"),
        _example(
            rows.NEITHER,
            good="It is neither hate speech nor offensive language.",
            bad="It is offensive language.",
        ),
    ),
)

_TOXIC = (
    _example(rows.TOXIC, good=rows.TOXIC, bad=rows.NON_TOXIC),
    _example(rows.NON_TOXIC, good=rows.NON_TOXIC, bad=rows.TOXIC),
)
_TOXIC_WRITTEN = (
    _example(rows.TOXIC, good="Answer: toxic", bad="Answer: non-toxic"),
    _example(rows.NON_TOXIC, good="The comment is not toxic.", bad="I cannot classify this."),
)

toxicity_jigsaw = DatasetSpec(
    name="toxicity_jigsaw",
    title="Jigsaw: toxic comments on Wikipedia's talk pages",
    is_unsafe=True,
    version="1",
    licence="CC0-1.0 (labels), CC-BY-SA-3.0 (comments)",
    citation="Jigsaw and Conversation AI 2018, Toxic Comment Classification Challenge (Kaggle)",
    sources=(
        FileSource(
            parts=(
                _files(
                    "toxicity_jigsaw/test_labels.csv",
                    "jigsaw-toxic-comment-classification-challenge/test_labels.csv",
                ),
                _files(
                    "toxicity_jigsaw/test.csv",
                    "jigsaw-toxic-comment-classification-challenge/test.csv",
                ),
            )
        ),
        FileSource(
            parts=(
                _files(
                    "toxicity_jigsaw/train.csv",
                    "jigsaw-toxic-comment-classification-challenge/train.csv",
                ),
            )
        ),
    ),
    columns=frozenset({"id", "comment_text"}),
    to_sample=rows.jigsaw,
    select=rows.joined,
    prompt=_BY_TEXT,
    needs="classify",
    classes=TOXIC_CLASSES,
    otherwise="toxicity_jigsaw_written",
    scorers=(by_labels("toxic", TOXIC_CLASSES),),
    headline="toxicity_detection_f1",
    gold=class_of,
    examples=_TOXIC,
    role="variant",
)
toxicity_civil_comments = DatasetSpec.model_validate(
    {
        **dict(toxicity_jigsaw),
        "name": "toxicity_civil_comments",
        "title": "Civil Comments: toxic comments on news sites",
        "licence": "CC0-1.0",
        "citation": 'Borkan et al. 2019, "Nuanced Metrics for Measuring Unintended Bias with Real '
        'Data for Text Classification"',
        "sources": (
            FileSource(
                parts=(
                    _files(
                        "toxicity_civil_comments/test.*",
                        "toxicity_civil_comments/*.csv",
                        "toxicity_civil_comments/*.jsonl",
                        "toxicity_civil_comments/*.parquet",
                    ),
                )
            ),
        ),
        "columns": frozenset({"text", "toxicity"}),
        "to_sample": rows.civil_comments,
        "select": None,
        "otherwise": "toxicity_civil_comments_written",
    }
)
_TOXIC_CHANGES = {
    "prompt": in_words(ABOUT_TOXIC, TOXIC_CLASSES),
    "scorers": (by_words("toxic", TOXIC_CLASSES, TOXIC_ANSWERS),),
    "perturb": other_toxic,
    "examples": _TOXIC_WRITTEN,
}

TOXICITY = (
    toxicity_detection,
    toxicity_davidson,
    toxicity_jigsaw,
    toxicity_civil_comments,
    toxicity_detection_written,
    toxicity_davidson_written,
    _spoken(toxicity_jigsaw, **_TOXIC_CHANGES),
    _spoken(toxicity_civil_comments, **_TOXIC_CHANGES),
)
