"""Pseudo-log-likelihoods in transformers, against plain passes of one text at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from pathlib import Path

import pytest
from core.tests.engines.tiny_classifiers import CONTEXT
from core.tests.engines.tiny_encoders import write_encoder

from evalctl.engines.asking import ask
from evalctl.engines.transformers import open_engine
from evalctl.engines.transformers_fill import shared_tokens
from evalctl.engines.transformers_options import TransformersOptions
from evalctl.errors import EngineError, EngineStoppedError
from evalctl.protocols import Engine, ModelRef
from evalctl.records import Generation, Prompt

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

PAIRS = (
    ("the cat sat on a mat .", "the dog sat on a mat ."),
    ("people are great , i like all people !", "you are great , i like all !"),
    ("cat", "dog"),
    ("a dog i like sat", "a dog i like sat"),
)


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Tiny matrices gain nothing by threads, which lose much where others want the cores."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module", params=["Bert", "Roberta", "Longformer"])
def masked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_encoder(tmp_path_factory.mktemp("models") / "model", str(request.param))


def opened(folder: Path, **options: object) -> Engine:
    model = ModelRef(name="tiny", path=str(folder), is_local=True)
    return open_engine(model, TransformersOptions.model_validate({"device": "cpu", **options}))


def filled(folder: Path, asked: list[Prompt], **options: object) -> dict[str, Generation]:
    engine = opened(folder, **options)
    try:
        return {one.sample_id: one for one in ask(engine, "fill", asked)}
    finally:
        engine.close()


def plain(folder: Path, text: str, hidden: Sequence[int] | None = None) -> tuple[float, int]:
    """Return the pseudo-log-likelihood of a text's hidden tokens, by default of all its own."""
    model = transformers.AutoModelForMaskedLM.from_pretrained(folder, dtype=torch.float32).eval()
    words = transformers.AutoTokenizer.from_pretrained(folder)
    ids = words(text)["input_ids"]
    places = range(1, len(ids) - 1) if hidden is None else hidden
    total = 0.0
    for at in places:
        given = torch.tensor([ids])
        given[0, at] = words.mask_token_id
        with torch.inference_mode():
            row = model(input_ids=given).logits[0, at].double().log_softmax(-1)
        total += float(row[ids[at]])
    return total, len(places)


def prompts(**changes: object) -> list[Prompt]:
    return [
        Prompt(dataset="d", sample_id=str(at), continuations=pair).model_copy(update=changes)
        for at, pair in enumerate(PAIRS)
    ]


def test_every_token_of_a_text_is_hidden_once(masked: Path) -> None:
    found = filled(masked, prompts(), batch_size=1)

    for at, pair in enumerate(PAIRS):
        for one, text in zip(found[str(at)].continuations, pair, strict=True):
            expected, count = plain(masked, text)
            assert (one.logprob, one.tokens) == (pytest.approx(expected, abs=1e-3), count)


def test_of_a_pair_the_tokens_are_hidden_that_both_have(masked: Path) -> None:
    words = transformers.AutoTokenizer.from_pretrained(masked)

    found = filled(masked, prompts(masking="shared"))

    for at, pair in enumerate(PAIRS):
        ids = [words(text)["input_ids"] for text in pair]
        # Upstream's way, in its words: spans of equal tokens, without the first and last token.
        blocks = SequenceMatcher(None, *([str(one) for one in text] for text in ids))
        spans = [op for op in blocks.get_opcodes() if op[0] == "equal"]
        templates = (
            [x for op in spans for x in range(op[1], op[2])],
            [x for op in spans for x in range(op[3], op[4])],
        )
        for one, text, template in zip(found[str(at)].continuations, pair, templates, strict=True):
            expected, count = plain(masked, text, template[1:-1])
            assert (one.logprob, one.tokens) == (pytest.approx(expected, abs=1e-3), count)
    same = found["3"].continuations
    assert same[0].logprob == pytest.approx(same[1].logprob, abs=1e-5)


def test_shared_tokens_leave_out_what_differs_and_both_ends() -> None:
    assert shared_tokens([2, 7, 8, 9, 3], [2, 7, 6, 6, 9, 3]) == ([1, 3], [1, 4])
    assert shared_tokens([2, 7, 3], [2, 6, 3]) == ([], [])


def test_behind_a_text_the_continuation_alone_is_hidden(masked: Path) -> None:
    asked = Prompt(dataset="d", sample_id="q", text="the cat", continuations=(" sat on", " sat ."))

    (found,) = filled(masked, [asked]).values()

    expected, count = plain(masked, "the cat sat on", [3, 4])
    assert found.continuations[0].logprob == pytest.approx(expected, abs=1e-3)
    assert found.continuations[0].tokens == count == 2


def test_texts_that_cannot_be_scored_fail_alone(masked: Path) -> None:
    long = Prompt(dataset="d", sample_id="long", continuations=("cat " * CONTEXT,))
    three = Prompt(
        dataset="d", sample_id="three", continuations=("a", "cat", "dog"), masking="shared"
    )

    found = filled(masked, [long, three, *prompts()])

    assert f"{CONTEXT + 2} tokens is longer than the {CONTEXT}" in str(found["long"].error)
    assert found["three"].error == "shared tokens are those of two texts, not of 3"
    assert [found[str(at)].error for at in range(4)] == [None] * 4


def test_a_masked_model_gives_vectors_as_well(masked: Path) -> None:
    engine = opened(masked)

    (vector,) = ask(engine, "embed", [Prompt(dataset="d", sample_id="1", text="cat")])
    (guess,) = ask(engine, "fill", prompts()[:1])

    assert (len(vector.vector), len(guess.continuations)) == (64, 2)
    engine.close()
    with pytest.raises(EngineError, match="was closed; open it again"):
        list(ask(engine, "fill", prompts()))


def test_a_head_that_is_not_in_the_files_is_not_made_up(tmp_path: Path) -> None:
    folder = write_encoder(tmp_path, "Bert")
    whole = transformers.BertForMaskedLM.from_pretrained(folder)
    config = (folder / "config.json").read_text()
    whole.bert.save_pretrained(folder)
    (folder / "config.json").write_text(config)
    engine = opened(folder)

    (vector,) = ask(engine, "embed", [Prompt(dataset="d", sample_id="1", text="cat")])

    assert len(vector.vector) == 64
    with pytest.raises(EngineStoppedError, match="no trained head"):
        list(ask(engine, "fill", prompts()))
