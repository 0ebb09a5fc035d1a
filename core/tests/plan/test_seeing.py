"""Datasets with images: who may be asked, and what becomes of prompts, hashes and cache."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from evalctl.cache.address import ModelIdentity, key_of
from evalctl.cli.show_plan import prompt_text
from evalctl.engines.plugin import evalctl_engines
from evalctl.images import reference
from evalctl.plan import load_dataset
from evalctl.plan.planned import PlannedModel
from evalctl.plan.seeing import why_blind
from evalctl.prompts import Asking, compose
from evalctl.protocols import ModelFacts, ModelKind, ModelRef
from evalctl.records import Completion, ImageRef, Message, Prompt, Sample, Score, Word
from evalctl.registry import Registry
from evalctl.run.bills import most_tokens
from evalctl.sources import FileParts, FileSource, Row
from evalctl.specs import DatasetSpec, Example, MetricSpec, PromptTemplate, ScorerSpec

ENGINES = {engine.name: engine for engine in evalctl_engines()}
REGISTRY = cast("Registry", SimpleNamespace(engines=tuple(ENGINES.values())))
A, B = ImageRef(path="a.png", digest="aa"), ImageRef(path="b.png", digest="bb")


def to_sample(row: Row) -> Sample:
    name = row.text("image")
    return Sample(id=name, input="What?", target="1", images=(row.image_at(name),))


def score(sample: Sample, completion: Completion) -> Score:
    return Score(value=float(completion.text == sample.target))


def value(scores: tuple[Score, ...]) -> float | None:
    return scores[0].value


def dataset(**changes: object) -> DatasetSpec:
    sample = Sample(id="1", input="What?", target="1")
    spec = DatasetSpec(
        name="pages",
        title="Pages",
        version="1",
        licence="none",
        citation="none",
        sources=(FileSource(parts=(FileParts(paths=("rows.json",)),)),),
        columns=frozenset({"image"}),
        to_sample=to_sample,
        has_images=True,
        scorers=(
            ScorerSpec(
                name="s",
                version="1",
                score=score,
                metrics=(MetricSpec(name="m", title="M", reduce=value),),
            ),
        ),
        headline="m",
        examples=(Example(sample=sample, good="1", bad="2"),),
    )
    return spec.model_copy(update=changes)


def planned(engine: str, kind: ModelKind) -> PlannedModel:
    spec = ENGINES[engine]
    options = spec.options.model_validate({})
    facts = ModelFacts(architecture="TinyForCausalLM" if kind == "decoder" else "")
    ref = ModelRef(name="m", path="p", kind=kind)
    return PlannedModel(ref, None, spec, options, facts, ())


@pytest.mark.parametrize(
    ("engine", "kind", "why"),
    [
        ("transformers", "vision_language", ""),
        ("transformers", "document", ""),
        ("openai", "api", ""),
        ("anthropic", "api", ""),
        ("replay", "recorded", ""),
        ("transformers", "decoder", "and a TinyForCausalLM reads texts alone"),
        (
            "vllm",
            "vision_language",
            "engine vllm is given texts alone; these take images: transformers, openai, anthropic",
        ),
    ],
)
def test_images_are_shown_to_models_that_see_by_engines_that_show_them(
    engine: str, kind: ModelKind, why: str
) -> None:
    said = why_blind(planned(engine, kind), dataset(), REGISTRY)

    assert bool(said) == bool(why)
    assert why in said


def test_a_reader_of_documents_is_asked_nothing_without_one() -> None:
    model = planned("transformers", "document")

    assert "reads nothing else" in why_blind(model, dataset(has_images=False), REGISTRY)
    assert why_blind(model, dataset(has_images=False, needs="extract"), REGISTRY) == ""
    seeing = planned("transformers", "vision_language")
    assert why_blind(seeing, dataset(has_images=False), REGISTRY) == ""


def test_images_stand_before_the_question_in_a_chat_and_beside_a_text() -> None:
    sample = Sample(id="1", input="What?", images=(A,))
    shot = Sample(id="0", input="Which?", target="x", images=(B,))
    template = PromptTemplate()

    chat = compose(template, sample, (shot,), Asking(style="chat", system="Look."))
    text = compose(template, sample, (shot,), Asking())
    wrapped = compose(template, sample, (), Asking(style="wrapped", wrap="<s>{instruction}</s>"))

    assert [message.images for message in chat.messages] == [(), (B,), (), (A,)]
    assert chat.images == ()
    assert text.images == (B, A)
    assert (wrapped.text, wrapped.images) == ("<s>What?</s>", (A,))


def write_rows(folder: Path, *pages: bytes | None) -> None:
    names = [f"{number}.png" for number in range(len(pages))]
    (folder / "rows.json").write_text(json.dumps([{"image": name} for name in names]))
    for name, page in zip(names, pages, strict=True):
        if page is not None:
            (folder / name).write_bytes(page)


def test_a_dataset_is_known_by_what_its_images_show(tmp_path: Path) -> None:
    write_rows(tmp_path, b"one", b"two")
    before = load_dataset(dataset(), "c", [tmp_path])

    write_rows(tmp_path, b"one", b"three")
    after = load_dataset(dataset(), "c", [tmp_path])

    assert before.content_hash != after.content_hash
    assert before.unseen == after.unseen == ""


def test_images_that_are_missing_are_told_and_do_not_break_the_dataset(tmp_path: Path) -> None:
    write_rows(tmp_path, b"one", None, None)

    loaded = load_dataset(dataset(), "c", [tmp_path])

    assert loaded.n_samples == 3
    assert loaded.unseen == (
        "the images of 2 of 3 samples are not there, or are too large; the first is "
        f"{tmp_path}/1.png"
    )


def test_an_answer_is_kept_by_what_was_shown_and_not_by_where_it_lies(tmp_path: Path) -> None:
    def key(*images: ImageRef, split: bool = False) -> bytes:
        first = Message(role="user", content="a", images=images[:1] if split else images)
        second = Message(role="user", content="b", images=images[1:] if split else ())
        prompt = Prompt(dataset="d", sample_id="1", messages=(first, second))
        return key_of(ModelIdentity("m", b"0" * 32), "generate", prompt).digest

    (tmp_path / "x").write_bytes(b"page")
    (tmp_path / "y").write_bytes(b"page")
    x, y = reference(tmp_path / "x"), reference(tmp_path / "y")

    assert key(x) == key(y)
    assert len({key(A), key(B), key(A, B), key(B, A), key(A, B, split=True), key()}) == 6


def test_what_a_prompt_can_cost_at_most_has_room_for_its_images() -> None:
    bare = Prompt(dataset="d", sample_id="1", text="What?")
    shown = bare.model_copy(update={"images": (A, B)})

    assert most_tokens(shown).prompt - most_tokens(bare).prompt == 100_000


def test_a_dry_run_names_images_and_shows_the_words_of_a_page() -> None:
    turn = Message(role="user", content="What?", images=(A,))
    chat = Prompt(dataset="d", sample_id="1", messages=(turn,))
    cell = B.model_copy(update={"row": 3, "column": "image.bytes"})
    words = (Word(text="North"), Word(text="Lamp"))
    page = Prompt(dataset="d", sample_id="1", text="Who?", images=(cell,), words=words)

    assert prompt_text(chat) == "[image] a.png\n[user] What?"
    assert prompt_text(page) == "[image] b.png, row 3\nWho?\n[words of the page] North Lamp"
