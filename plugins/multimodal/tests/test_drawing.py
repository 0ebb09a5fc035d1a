"""What is drawn is the same each time, and what is asked about it can be read off it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evalctl import Word
from evalctl.plan import load_dataset
from evalctl_multimodal import rows
from evalctl_multimodal.drawing import Drawn, draw_chart, draw_page
from evalctl_multimodal.drawings import multimodal_sample, multimodal_sample_words

Image = pytest.importorskip("PIL.Image")

DATA = Path(rows.__file__).parent / "data"


def named(name: str) -> Drawn:
    draw = draw_page if name.startswith("page") else draw_chart
    return draw(int(name.removeprefix("page").removeprefix("chart")))


def lines() -> list[dict[str, object]]:
    return [json.loads(line) for line in (DATA / "sample.jsonl").read_text().splitlines()]


def test_what_ships_is_what_is_drawn() -> None:
    shipped = {path.stem: path for path in (DATA / "images").glob("*.png")}

    drawn = {name: named(name) for name in shipped}

    assert len(shipped) == 30
    for name, path in shipped.items():
        assert Image.open(path).tobytes() == drawn[name].sheet.pixels(), name
    asked = [
        (f"{name}_{number}", one.question, list(one.answers))
        for name, sheet in sorted(drawn.items())
        for number, one in enumerate(sheet.asked, 1)
    ]
    rows_there = [(row["id"], row["question"], row["answers"]) for row in lines()]
    assert sorted(rows_there) == asked


def test_answers_of_reading_are_words_of_the_page() -> None:
    loaded = load_dataset(multimodal_sample_words, "multimodal", [])
    samples = list(loaded.samples())

    assert len(samples) == 36
    for sample in samples:
        page = " ".join(word.text for word in sample.words)
        assert sample.target in page


def test_each_drawing_has_questions_of_both_kinds() -> None:
    drawn = [draw(number) for draw in (draw_page, draw_chart) for number in range(30)]

    for one in drawn:
        assert {asked.skill for asked in one.asked} == {"reading", "reasoning"}
        assert all(all(asked.answers) for asked in one.asked)


def test_two_numbers_draw_two_pages() -> None:
    assert draw_page(0).sheet.pixels() == draw_page(0).sheet.pixels()
    assert draw_page(0).sheet.pixels() != draw_page(3).sheet.pixels()


def test_words_stand_where_they_were_written() -> None:
    sheet = draw_page(2).sheet  # a memo: its heading is 40 pixels from the left and from the top

    first = sheet.words[0]

    # Ten signs of 18 x 33 pixels on 640 x 800.
    assert first == Word(text="MEMORANDUM", box=(62, 50, 343, 91))
    assert all(
        0 <= left < right <= 1000 and 0 <= top < bottom <= 1000
        for left, top, right, bottom in (word.box for word in sheet.words)
    )


def test_the_sample_is_asked_about_every_drawing() -> None:
    loaded = load_dataset(multimodal_sample, "multimodal", [])
    samples = list(loaded.samples())

    assert (loaded.n_samples, loaded.unseen) == (90, "")
    assert len({sample.cluster for sample in samples}) == 30
    kinds = [sample.metadata["kind"] for sample in samples]
    assert (kinds.count("document"), kinds.count("chart")) == (54, 36)
