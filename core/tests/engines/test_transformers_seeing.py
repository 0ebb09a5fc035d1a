"""Tiny models that see: an image changes what they say, and a batch does not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from core.tests.engines.tiny_seeing import write_donut, write_layoutlm, write_qwen

from evalctl.engines.transformers import open_engine
from evalctl.engines.transformers_options import TransformersOptions
from evalctl.images import reference
from evalctl.protocols import (
    EngineInfo,
    ExtractingEngine,
    GeneratingEngine,
    ModelRef,
)
from evalctl.records import Generation, ImageRef, Message, Prompt, Sampling, Word

pytest.importorskip("torch")
pytest.importorskip("transformers")
Image = pytest.importorskip("PIL.Image")

OPTIONS = TransformersOptions(dtype="float32", batch_size=4, device="cpu")
SHORT = Sampling(max_tokens=8)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("seeing")


@pytest.fixture(scope="module")
def pictures(folder: Path) -> tuple[ImageRef, ImageRef, ImageRef]:
    """A black one, a white one of another form, and one that is broken."""
    for name, size, colour in (("black", (90, 60), "black"), ("white", (50, 200), "white")):
        Image.new("RGB", size, colour).save(folder / f"{name}.png")
    (folder / "broken.png").write_bytes((folder / "black.png").read_bytes()[:70])
    black, white, broken = (reference(folder / f"{n}.png") for n in ("black", "white", "broken"))
    return black, white, broken


@pytest.fixture(scope="module")
def qwen(folder: Path) -> Iterator[GeneratingEngine]:
    yield from opened(write_qwen(folder / "qwen"))


@pytest.fixture(scope="module")
def donut(folder: Path) -> Iterator[GeneratingEngine]:
    yield from opened(write_donut(folder / "donut"))


@pytest.fixture(scope="module")
def layoutlm(folder: Path) -> Iterator[ExtractingEngine]:
    yield from opened(write_layoutlm(folder / "layoutlm"))


def opened(path: Path) -> Iterator[object]:
    engine = open_engine(ModelRef(name="tiny", path=str(path), is_local=True), OPTIONS)
    yield engine
    engine.close()


def chat(name: str, text: str, *images: ImageRef) -> Prompt:
    turn = Message(role="user", content=text, images=images)
    return Prompt(dataset="d", sample_id=name, messages=(turn,), sampling=SHORT)


def page(name: str, text: str, *images: ImageRef) -> Prompt:
    asked = f"<s_docvqa><s_question>{text}</s_question><s_answer>"
    return Prompt(dataset="d", sample_id=name, text=asked, images=images, sampling=SHORT)


def by_id(generations: Iterator[Generation]) -> dict[str, Generation]:
    return {one.sample_id: one for one in generations}


def text_of(generation: Generation) -> str:
    assert generation.error is None
    return generation.completions[0].text


def test_qwen_reads_as_many_tokens_as_an_image_has(
    qwen: GeneratingEngine, pictures: tuple[ImageRef, ...]
) -> None:
    black, white, _ = pictures

    asked = [chat("none", "What?"), chat("one", "What?", black), chat("two", "What?", black, white)]
    found = by_id(qwen.generate(asked))

    none, one, two = (found[name].prompt_tokens for name in ("none", "one", "two"))
    # 90 x 60 pixels become 3 x 2 patches of 28 pixels, 50 x 200 become 2 x 7, and each has a frame
    # of two tokens.
    assert (one - none, two - one) == (3 * 2 + 2, 2 * 7 + 2)


def test_what_qwen_says_depends_on_the_image_and_not_on_the_batch(
    qwen: GeneratingEngine, pictures: tuple[ImageRef, ...]
) -> None:
    black, white, _ = pictures
    asked = [chat("a", "What?", black), chat("b", "What is on it?", white), chat("c", "What?")]

    together = by_id(qwen.generate(asked))
    alone = {p.sample_id: next(qwen.generate([p])) for p in asked}
    other = next(qwen.generate([chat("a", "What?", white)]))

    assert {k: text_of(one) for k, one in together.items()} == {
        k: text_of(one) for k, one in alone.items()
    }
    assert text_of(other) != text_of(together["a"])


def test_several_completions_are_drawn_of_one_image(
    qwen: GeneratingEngine, pictures: tuple[ImageRef, ...]
) -> None:
    drawn = Sampling(max_tokens=8, temperature=1.0)
    prompt = chat("a", "What?", pictures[0]).model_copy(update={"n": 3, "sampling": drawn})

    (found,) = qwen.generate([prompt])

    assert len({one.text for one in found.completions}) == 3


@pytest.mark.parametrize("kind", ["qwen", "donut"])
def test_an_image_that_cannot_be_seen_is_an_error_of_its_own_prompt(
    kind: str, request: pytest.FixtureRequest, pictures: tuple[ImageRef, ...], folder: Path
) -> None:
    engine: GeneratingEngine = request.getfixturevalue(kind)
    black, _, broken = pictures
    ask = chat if kind == "qwen" else page
    missing = reference(folder / "nowhere.png")

    asked = [ask("good", "a", black), ask("broken", "b", broken), ask("missing", "c", missing)]
    found = by_id(engine.generate(asked))

    assert found["good"].error is None
    assert "broken.png: it is broken" in str(found["broken"].error)
    assert "nowhere.png: there is no such file" in str(found["missing"].error)


def test_a_smaller_budget_of_pixels_makes_fewer_tokens(
    folder: Path, pictures: tuple[ImageRef, ...], qwen: GeneratingEngine
) -> None:
    model = ModelRef(name="tiny", path=str(folder / "qwen"), is_local=True)
    options = OPTIONS.model_copy(update={"max_image_pixels": 56 * 56})

    engine = open_engine(model, options)
    small = next(engine.generate([chat("a", "What?", pictures[1])]))  # type: ignore[attr-defined]
    engine.close()
    large = next(qwen.generate([chat("a", "What?", pictures[1])]))

    assert 0 < small.prompt_tokens < large.prompt_tokens


def test_donut_goes_on_behind_each_question_whatever_else_is_asked(
    donut: GeneratingEngine, pictures: tuple[ImageRef, ...]
) -> None:
    black, white, _ = pictures
    asked = [page("a", "Which?", black), page("b", "Which one is it?", white)]

    together = by_id(donut.generate(asked))
    alone = {p.sample_id: next(donut.generate([p])) for p in asked}
    other = next(donut.generate([page("a", "Which?", white)]))

    assert {k: text_of(one) for k, one in together.items()} == {
        k: text_of(one) for k, one in alone.items()
    }
    assert text_of(other) != text_of(together["a"])


def test_donut_reads_one_page(donut: GeneratingEngine, pictures: tuple[ImageRef, ...]) -> None:
    (none,) = donut.generate([page("a", "Which?")])
    (two,) = donut.generate([page("a", "Which?", pictures[0], pictures[1])])

    assert none.error == "the model reads one page, and the prompt has 0 images"
    assert two.error == "the model reads one page, and the prompt has 2 images"


WORDS = tuple(
    Word(text=f"word{number}", box=(number * 10, 20, number * 10 + 9, 40)) for number in range(90)
)


def question(words: tuple[Word, ...], *images: ImageRef) -> Prompt:
    return Prompt(dataset="d", sample_id="a", text="Which word?", words=words, images=images)


def test_layoutlm_answers_with_words_of_the_page(
    layoutlm: ExtractingEngine, pictures: tuple[ImageRef, ...]
) -> None:
    (found,) = layoutlm.extract([question(WORDS, pictures[0])])

    text, page_text = text_of(found), " ".join(word.text for word in WORDS)
    assert text
    assert f" {text} " in f" {page_text} "
    # 90 words of some 7 tokens are several parts of 128, which overlap.
    assert found.prompt_tokens > 6 * 90


def test_layoutlm_sees_where_words_stand_and_what_the_page_looks_like(
    layoutlm: ExtractingEngine, pictures: tuple[ImageRef, ...]
) -> None:
    moved = tuple(word.model_copy(update={"box": (900, 900, 990, 990)}) for word in WORDS)

    answers = [
        text_of(next(layoutlm.extract([prompt])))
        for prompt in (question(WORDS), question(moved), question(WORDS, pictures[1]))
    ]

    assert len(set(answers)) == 3


def test_a_page_without_words_is_an_error_of_its_own(
    layoutlm: ExtractingEngine, pictures: tuple[ImageRef, ...]
) -> None:
    nothing, spoilt, good = layoutlm.extract(
        [question(()), question(WORDS, pictures[2]), question(WORDS)]
    )

    assert nothing.error == "the page has no words that an answer could be taken from"
    assert "broken.png: it is broken" in str(spoilt.error)
    assert good.error is None


def test_what_is_loaded_is_told(qwen: GeneratingEngine, layoutlm: ExtractingEngine) -> None:
    infos: list[EngineInfo] = [qwen.info, layoutlm.info]

    assert [info.context_length for info in infos] == [2048, 128]
    assert {info.dtype for info in infos} == {"float32"}


def plain_qwen(path: Path, image: ImageRef, text: str) -> str:
    """Return what the model writes when its parts are put together by hand."""
    import torch
    from transformers import AutoImageProcessor, AutoModelForImageTextToText, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(path)
    model = AutoModelForImageTextToText.from_pretrained(path, dtype=torch.float32)
    shown = AutoImageProcessor.from_pretrained(path)(
        images=[Image.open(image.path).convert("RGB")], return_tensors="pt"
    )
    count = int(shown["image_grid_thw"].prod()) // 4
    frame = f"<|vision_start|>{'<|image_pad|>' * count}<|vision_end|>"
    asked = f"<|im_start|>user\n{frame}{text}<|im_end|>\n<|im_start|>assistant\n"
    ids = tokenizer(asked, return_tensors="pt")["input_ids"]
    with torch.inference_mode():
        written = model.generate(
            input_ids=ids,
            attention_mask=torch.ones_like(ids),
            mm_token_type_ids=(ids == model.config.image_token_id).int(),
            max_new_tokens=8,
            do_sample=False,
            **shown,
        )
    text_written: str = tokenizer.decode(written[0, ids.shape[1] :], skip_special_tokens=True)
    return text_written


def test_qwen_says_what_it_says_without_us(
    qwen: GeneratingEngine, folder: Path, pictures: tuple[ImageRef, ...]
) -> None:
    (found,) = qwen.generate([chat("a", "What is it?", pictures[1])])

    plain = plain_qwen(folder / "qwen", pictures[1], "What is it?")

    # What is cut off within a character is held back by us, and shown as U+FFFD by transformers.
    assert plain.startswith(text_of(found))
    assert len(plain.rstrip("\ufffd")) == len(text_of(found).rstrip("\ufffd"))


def test_layoutlm_finds_the_span_with_the_highest_sum(
    layoutlm: ExtractingEngine, folder: Path, pictures: tuple[ImageRef, ...]
) -> None:
    import torch
    from transformers import (
        AutoImageProcessor,
        AutoModelForDocumentQuestionAnswering,
        AutoTokenizer,
    )

    path, page_words = folder / "layoutlm", WORDS[:9]  # so few that one part holds them
    tokenizer = AutoTokenizer.from_pretrained(path)
    read = tokenizer(
        "Which word?",
        [word.text for word in page_words],
        boxes=[list(word.box) for word in page_words],
        return_tensors="pt",
    )
    pixels = AutoImageProcessor.from_pretrained(path, apply_ocr=False)(
        images=[Image.open(pictures[0].path).convert("RGB")], return_tensors="pt"
    )
    model = AutoModelForDocumentQuestionAnswering.from_pretrained(path)
    with torch.inference_mode():
        given = model(**read, **pixels)
    starts, ends = given.start_logits[0].tolist(), given.end_logits[0].tolist()
    sides, words = read.sequence_ids(0), read.word_ids(0)
    inside = [at for at, side in enumerate(sides) if side == 1]
    _, first, last = max(
        (starts[a] + ends[b], a, b) for a in inside for b in inside if 0 <= b - a < 64
    )

    (found,) = layoutlm.extract([question(page_words, pictures[0])])

    expected = page_words[words[first] : words[last] + 1]
    assert text_of(found) == " ".join(word.text for word in expected)
