"""The category's declarations: that its scorers judge real rows, and what its datasets ask."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evalctl import Completion, DatasetSpec, Sample, Score, Word
from evalctl.plan import load_dataset
from evalctl.plan.datasets import Part
from evalctl.prompts import Asking, compose
from evalctl.proving.gold import perturbed, planned_for_check, prove, render_gold
from evalctl_multimodal import skills
from evalctl_multimodal.plugin import evalctl_categories
from evalctl_multimodal.scorers import judge_chart, judge_document, judge_letter

(CATEGORY,) = evalctl_categories()
BY_NAME = {spec.name: spec for spec in CATEGORY.datasets}
ROWS = {
    "docvqa": 12,
    "chartqa": 69,
    "scienceqa": 167,
    "scienceqa_text": 194,
    "docvqa_words": 5349,
    "multimodal_sample": 90,
    "multimodal_sample_words": 36,
}
SOME = 200
"""Of a dataset's rows, spread over it, are proven here; `evalctl check` proves all."""


@pytest.mark.parametrize("name", ROWS)
def test_gold_answers_score_full_marks_and_wrong_ones_do_not(
    name: str, benchmark_data: Path
) -> None:
    spec = BY_NAME[name]
    loaded = load_dataset(spec, "multimodal", [benchmark_data], Part(SOME))
    planned = planned_for_check(loaded)

    right = prove(planned, render_gold(spec), must_be_right=True)
    wrong = prove(planned, perturbed(spec), must_be_right=False)

    count = min(ROWS[name], SOME)
    assert (loaded.n_available, right.n_right, wrong.n_right) == (ROWS[name], count, count)
    assert (right.wrong, wrong.wrong) == ((), ())


@pytest.mark.parametrize(
    ("name", "seen", "unseen"), [("docvqa", 12, 0), ("chartqa", 69, 0), ("scienceqa", 40, 127)]
)
def test_images_of_real_rows_are_found_beside_them(
    name: str, seen: int, unseen: int, benchmark_data: Path
) -> None:
    loaded = load_dataset(BY_NAME[name], "multimodal", [benchmark_data])

    found = [bool(image.digest) for sample in loaded.samples() for image in sample.images]

    assert (found.count(True), found.count(False)) == (seen, unseen)
    assert bool(loaded.unseen) == bool(unseen)


@pytest.mark.parametrize("spec", CATEGORY.datasets, ids=lambda spec: spec.name)
def test_a_question_shows_the_text_and_what_form_its_answer_has(spec: DatasetSpec) -> None:
    sample = spec.examples[0].sample

    texts = [
        compose(spec.prompt, sample, (), Asking()).text,
        compose(spec.prompt, sample, (), Asking(style="chat")).messages[0].content,
    ]

    assert all(sample.input in text for text in texts)
    assert not any("{" in text for text in texts)


def test_the_halves_of_chartqa_are_told_apart(benchmark_data: Path) -> None:
    loaded = load_dataset(BY_NAME["chartqa"], "multimodal", [benchmark_data])
    sources = [sample.metadata["source"] for sample in loaded.samples()]

    assert (sources.count("human"), sources.count("augmented")) == (46, 23)
    assert "source" in BY_NAME["chartqa"].groups


def test_chartqa_in_its_own_form_and_in_the_hubs_is_the_same(tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    own, copy = tmp_path / "own" / "chartqa" / "test", tmp_path / "copy" / "chartqa" / "data"
    (own / "png").mkdir(parents=True)
    (own / "png" / "1.png").write_bytes(b"a chart")
    row = {"imgname": "1.png", "query": "How many?", "label": "7"}
    (own / "test_human.json").write_text(json.dumps([row]))
    (own / "test_augmented.json").write_text(json.dumps([row]))
    copy.mkdir(parents=True)
    image = {"bytes": b"a chart", "path": "1.png"}
    rows = [
        {"image": image, "query": "How many?", "label": ["7"], "human_or_machine": half}
        for half in (0, 1)
    ]
    parquet.write_table(arrow.Table.from_pylist(rows), copy / "test-00000-of-00001.parquet")

    def read(folder: Path) -> list[tuple[str, str, object, str]]:
        loaded = load_dataset(BY_NAME["chartqa"], "multimodal", [folder])
        return [
            (one.input, one.target, one.metadata["source"], one.images[0].digest)
            for one in loaded.samples()
        ]

    assert len(read(tmp_path / "own")) == 2
    assert read(tmp_path / "own") == read(tmp_path / "copy")


def write_page(folder: Path, ocr: object) -> Path:
    folder = folder / "docvqa"
    (folder / "ocr_results").mkdir(parents=True)
    (folder / "documents").mkdir()
    (folder / "documents" / "ab_1.png").write_bytes(b"a page")
    row = {
        "questionId": 7,
        "question": "Who?",
        "image": "documents/ab_1.png",
        "docId": 3,
        "answers": ["Ann Lee", "Lee"],
    }
    (folder / "val_v1.0.json").write_text(json.dumps({"data": [row]}))
    (folder / "ocr_results" / "ab_1.json").write_text(json.dumps(ocr))
    return folder.parent


def test_words_of_upstreams_ocr_stand_in_thousandths_of_the_page(tmp_path: Path) -> None:
    word = {"text": "Ann Lee", "boundingBox": [20, 40, 60, 38, 60, 58, 20, 60]}
    line = {"words": [word, {"text": " ", "boundingBox": [0] * 8}]}
    ocr = {"recognitionResults": [{"width": 200, "height": 400, "lines": [line]}]}

    loaded = load_dataset(BY_NAME["docvqa_words"], "multimodal", [write_page(tmp_path, ocr)])
    (sample,) = loaded.samples()

    assert sample.words == (Word(text="AnnLee", box=(100, 95, 300, 150)),)
    assert (sample.id, sample.cluster, len(sample.images)) == ("7", "3", 1)


def test_ocr_of_another_form_is_a_broken_row_that_says_why(tmp_path: Path) -> None:
    from evalctl import DatasetError

    folder = write_page(tmp_path, {"pages": []})

    with pytest.raises(DatasetError, match="its OCR has no `recognitionResults`"):
        load_dataset(BY_NAME["docvqa_words"], "multimodal", [folder])


def counts_of(score: Score) -> dict[str, float]:
    return dict(score.counts)


def document(*answers: str, skill: str = "reading") -> Sample:
    return Sample(
        id="1",
        input="?",
        target=answers[0],
        metadata={"answers": list(answers), "skill": skill},
    )


def test_a_document_is_judged_by_the_nearest_gold_answer() -> None:
    score = judge_document(document("2", "page 2"), Completion(text="Answer: page 3"))

    assert score.value == pytest.approx(1 - 1 / 6)
    assert score.answer == "page 3"
    assert counts_of(score) == {
        "asked": 1.0,
        "right": 0.0,
        "texts": 1.0,
        "characters": 6.0,
        "character_edits": 1.0,
        "characters_lost": 1.0,
        "words": 2.0,
        "word_edits": 1.0,
    }


def test_only_questions_of_reading_count_as_reading() -> None:
    score = judge_document(document("yes", skill="reasoning"), Completion(text="Yes"))

    assert score.value == 1.0
    assert counts_of(score) == {
        "asked": 1.0,
        "right": 1.0,
        "reasoning": 1.0,
        "reasoning_right": 1.0,
    }


def test_no_answer_is_wrong_unparsed_and_misread() -> None:
    score = judge_document(document("Ann"), Completion(text=" \n"))

    assert (score.value, score.answer) == (0.0, None)
    assert score.counts["characters_lost"] == 3.0


def test_a_chart_is_judged_by_the_published_rule_and_by_the_value() -> None:
    sample = document("12", skill="reading")

    strict = judge_chart(sample, Completion(text="12.5"))
    loose = judge_chart(sample, Completion(text="12%"))

    assert (strict.value, strict.counts["right"]) == (1.0, 1.0)
    assert (loose.value, loose.counts["right"]) == (0.0, 1.0)


def test_a_letter_is_read_as_people_write_it() -> None:
    sample = Sample(
        id="1", input="?", target="B", choices=("iron", "gold"), metadata={"skill": "reasoning"}
    )

    right = judge_letter(sample, Completion(text="The answer is (B)."))
    unread = judge_letter(sample, Completion(text="I do not know"))

    assert (right.value, right.answer, right.counts["reasoning_right"]) == (1.0, "B", 1.0)
    assert (unread.value, unread.answer) == (0.0, None)


@pytest.mark.parametrize(
    ("question", "answer", "skill"),
    [
        ("What is the value of Slovenia in the graph?", "1", "reading"),
        ("What's the label of the first bar?", "Iran", "reading"),
        ("How many bars are above 50?", "3", "reasoning"),
        ("What is the difference between the two lines?", "4", "reasoning"),
        ("Is the sum of the two smallest bars 10?", "No", "reasoning"),
        ("What is the color of the line?", "blue", "reasoning"),
    ],
)
def test_which_questions_about_charts_need_more_than_reading(
    question: str, answer: str, skill: str
) -> None:
    assert skills.of_chart(question, [answer]) == skill


def test_which_questions_about_documents_need_more_than_reading() -> None:
    assert skills.of_document(["12"], ["table/list"]) == "reading"
    assert skills.of_document(["12"], ["figure/diagram", "layout"]) == "reasoning"
    assert skills.of_document(["Yes"], []) == "reasoning"


def test_roles_are_those_of_the_category() -> None:
    primary = [spec.name for spec in CATEGORY.datasets if spec.role == "primary"]

    assert primary == ["docvqa", "chartqa", "scienceqa"]
    assert BY_NAME["docvqa"].otherwise == "docvqa_words"
