from __future__ import annotations

import pytest

from evalctl.engines.reasoning import (
    FRAMES,
    MARKERS,
    Marker,
    StopWatcher,
    as_completion,
    ends_inside,
    has_markers,
    split,
)


@pytest.mark.parametrize("marker", MARKERS, ids=lambda marker: marker.open)
def test_every_marker_is_taken_off(marker: Marker) -> None:
    parts = split(f"{marker.open}\n2 + 2 = 4\n{marker.close}\n\nThe answer is 4.")
    assert (parts.reasoning, parts.answer, parts.is_open) == (
        "2 + 2 = 4",
        "The answer is 4.",
        False,
    )


@pytest.mark.parametrize("marker", MARKERS, ids=lambda marker: marker.open)
def test_a_reasoning_that_never_ends_is_open(marker: Marker) -> None:
    parts = split(f"Well. {marker.open}first, #### 7")
    assert (parts.reasoning, parts.answer, parts.is_open) == ("first, #### 7", "Well. ", True)


@pytest.mark.parametrize(
    ("text", "reasoning", "answer"),
    [
        ("no markers at all", "", "no markers at all"),
        ("  kept as it is \n", "", "  kept as it is \n"),
        ("hm</think>\n42", "hm", "42"),
        ("<think></think>\n\n42", "", "42"),
        ("<think>a</think>x<think>b</think>y", "a\n\nb", "xy"),
        ("<think>a <think> b</think>c", "a <think> b", "c"),
        ("<think>a [/THINK] b</think>c", "a [/THINK] b", "c"),
        ("<think>a</think>x</think>y", "a", "x</think>y"),
        ("<think><think>a</think> b</think> 18", "<think>a\n\nb", "18"),
        ("<think>x <think>a</think> b</think> 18", "x <think>a\n\nb", "18"),
        ("<think><think>a</think> b<think>c</think> 18", "<think>a\n\nc", "b 18"),
        ("<Think>a</THINK>18", "a", "18"),
        ("hm</Thinking>18", "hm", "18"),
        ("[think]a[/think]18", "", "[think]a[/think]18"),
        ("<rea\u017foning>a", "", "<rea\u017foning>a"),
        ("an end <|end|> of a turn", "", "an end <|end|> of a turn"),
        (
            "<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>"
            "42<|return|>",
            "hm",
            "42",
        ),
        ("<|START_THINKING|>hm<|END_THINKING|><|START_RESPONSE|>42<|END_RESPONSE|>", "hm", "42"),
        (
            "<|begin_of_thought|>hm<|end_of_thought|>\n<|begin_of_solution|>42<|end_of_solution|>",
            "hm",
            "42",
        ),
    ],
)
def test_texts_are_taken_apart(text: str, reasoning: str, answer: str) -> None:
    assert split(text) == (reasoning, answer, False)


def test_a_text_that_starts_inside_is_reasoning_until_a_marker_closes() -> None:
    assert split("a <think> b</think>c", starts_inside=True) == ("a <think> b", "c", False)
    assert split("a b c", starts_inside=True) == ("a b c", "", True)


def test_a_long_text_of_markers_is_split_in_one_go() -> None:
    parts = split("<think>a</think>" * 100_000 + "<think>" * 100_000)
    assert parts.is_open


@pytest.mark.parametrize(
    ("prompt", "is_inside"),
    [
        ("<|assistant|>\n<think>\n", True),
        ("<|assistant|>\n<think>\n\n</think>\n\n", False),
        ("<|start|>assistant<|channel|>analysis<|message|>", True),
        ("Use <think> tags.\nAnswer:", False),
    ],
)
def test_a_prompt_tells_whether_the_model_starts_inside(prompt: str, is_inside: bool) -> None:
    assert ends_inside(prompt) is is_inside


def test_markers_are_found_in_templates_and_vocabularies() -> None:
    assert has_markers("{{ '<think>\\n' }}")
    assert has_markers("", {"<|channel|>": 1})
    assert not has_markers("{{ messages }}", {"<|im_start|>": 1})


def test_an_unfinished_reasoning_gives_an_empty_answer_that_counts_as_cut_off() -> None:
    completion = as_completion("<think>so the answer is 7", "stop", 6)
    assert completion.text == ""
    assert completion.reasoning == "so the answer is 7"
    assert completion.is_truncated
    assert completion.output_tokens == 6


@pytest.mark.parametrize(
    ("text", "reasoning", "answer", "finish"),
    [
        ("The tag <think> is HTML. It is 18", "", "The tag <think> is HTML. It is 18", "stop"),
        ("a <think> b [THINK]c[/THINK] 18", "c", "a <think> b  18", "stop"),
        ("<think>a</think>The tag <think> 18", "a", "The tag <think> 18", "stop"),
        (" \n<pad><think>so 18", "so 18", "", "length"),
        ("<think>a</think>\n<think>b", "a\n\nb", "", "length"),
        ("<think>The tag <think> 18", "The tag <think> 18", "", "length"),
    ],
)
def test_an_unclosed_marker_is_plain_text_only_in_the_midst_of_a_finished_answer(
    text: str, reasoning: str, answer: str, finish: str
) -> None:
    completion = as_completion(text, "stop", 5, special_tokens=("<pad>",))
    found = (completion.reasoning, completion.text, completion.finish_reason)
    assert found == (reasoning, answer, finish)


def test_an_unclosed_marker_in_a_text_that_was_cut_off_stays_open() -> None:
    completion = as_completion("Well. <think>so 18", "length", 5)
    assert (completion.text, completion.finish_reason) == ("", "length")


def test_a_model_that_repeats_the_opening_marker_of_its_prompt_is_not_lost() -> None:
    assert split("<think>a</think>18", starts_inside=True) == ("<think>a", "18", False)


def test_many_unclosed_markers_in_a_finished_text_are_split_in_one_go() -> None:
    text = "a " + "<think>" * 100_000 + "<Think>a</tHink>" * 100_000
    assert split(text + "<think> x" * 100_000, is_finished=True).answer.startswith("a ")


def test_an_engine_failure_stays_a_failure_inside_a_reasoning() -> None:
    assert as_completion("<think>so", "error", 2).finish_reason == "error"


def test_special_tokens_that_were_kept_for_the_markers_are_taken_out() -> None:
    completion = as_completion(
        "<think>a<pad></think>b<|im_end|>", "stop", 5, special_tokens=("<pad>", "<|im_end|>")
    )
    assert (completion.reasoning, completion.text) == ("a", "b")


def test_a_finished_reasoning_keeps_the_finish_reason() -> None:
    assert as_completion("<think>a</think>b", "length", 5).finish_reason == "length"


def watch(text: str, stops: tuple[str, ...], size: int, *, starts_inside: bool = False) -> int:
    """Return where the watcher stops when fed `size` characters at a time; -1 for nowhere."""
    watcher = StopWatcher(stops, starts_inside=starts_inside)
    for begin in range(0, len(text), size):
        found = watcher.feed(text[begin : begin + size])
        if found is not None:
            return found
    found = watcher.finish()
    return -1 if found is None else found


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 1000])
@pytest.mark.parametrize(
    ("text", "stops", "expected"),
    [
        ("one\n\ntwo", ("\n\n",), 3),
        ("one two", ("\n\n",), -1),
        ("<think>a\n\nb</think>c\n\nd", ("\n\n",), 20),
        ("<think>a\n\nb", ("\n\n",), -1),
        ("ab<think>\n\n</think>", ("<",), -1),
        ("ab < c", ("<",), 3),
        ("ab <", ("<",), 3),
        ("ab <thi", ("hi",), 5),
        ("x<think>think></think>think>", ("think>",), 22),
        ("Question: b Q", ("Q", "Question:"), 0),
        ("abcd", ("abcd", "bc"), 1),
        ("<think>x</think>" * 3 + "y\n", ("\n",), 49),
        ("<|channel|>analysis<|message|>a\n<|end|>b\n", ("\n",), 40),
    ],
)
def test_a_stop_is_found_however_the_text_is_cut(
    text: str, stops: tuple[str, ...], expected: int, size: int
) -> None:
    assert watch(text, stops, size) == expected


@pytest.mark.parametrize("size", [1, 4, 1000])
def test_a_watcher_that_starts_inside_waits_for_the_closing_marker(size: int) -> None:
    assert watch("a\nb</think>c\nd", ("\n",), size, starts_inside=True) == 12


@pytest.mark.parametrize("size", [1, 2, 3, 5, 1000])
@pytest.mark.parametrize(
    ("text", "is_finished", "expected"),
    [
        ("The <think> tag.\n\nQ", True, 16),
        ("The <think> tag.\n\nQ", False, -1),
        ("The <think> tag.\n\nQ</think> 18\n\nQ", True, 30),
        ("<think> tag.\n\nQ", True, -1),
        ("<think><think>a</think>\n\n</think> 18\n\nQ", True, 36),
        ("<think>a <think> b</think>18\n\nQ", True, 28),
        ("<think>a <think> b</think>18\n\nQ<think>c</think>", True, 28),
        ("<Think>\n\n</THINK>18\n\nQ", True, 19),
    ],
)
def test_a_stop_is_looked_for_where_the_split_sees_an_answer(
    text: str, is_finished: bool, expected: int, size: int
) -> None:
    watcher = StopWatcher(("\n\n",))
    pieces = (text[begin : begin + size] for begin in range(0, len(text), size))
    found = next((stop for piece in pieces if (stop := watcher.feed(piece)) is not None), None)
    stop = watcher.finish(is_finished=is_finished) if found is None else found
    assert (-1 if stop is None else stop) == expected


def test_markers_are_plain_text_for_models_that_do_not_reason() -> None:
    watcher = StopWatcher(("\n",), knows_reasoning=False)
    assert watcher.feed("<think>a\nb") == 8


def test_a_watcher_follows_a_long_reasoning() -> None:
    watcher = StopWatcher(("\n\n",))
    watcher.feed("<think>")
    for _ in range(50_000):
        assert watcher.feed("word ") is None


def test_frames_hold_no_marker() -> None:
    marks = {text for marker in MARKERS for text in (marker.open, marker.close)}
    assert not marks.intersection(FRAMES)
