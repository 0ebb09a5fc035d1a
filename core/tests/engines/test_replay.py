"""Replaying recorded completions from real files."""

from __future__ import annotations

import hashlib
import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from evalctl.engines.replay import check, open_engine
from evalctl.engines.replay_options import ReplayOptions
from evalctl.errors import EngineError, ModelError
from evalctl.protocols import ModelFacts, ModelRef
from evalctl.records import Generation, Prompt

OPTIONS = ReplayOptions()


def reference(path: Path) -> ModelRef:
    return ModelRef(name=f"replay:{path}", path=str(path), kind="recorded", is_local=True)


def recorded(path: Path, *rows: object) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def row(dataset: str, sample_id: str, *completions: str) -> dict[str, object]:
    return {"dataset": dataset, "id": sample_id, "completions": list(completions)}


def facts(path: Path) -> ModelFacts:
    return check(reference(path), OPTIONS)


def ask(path: Path, *keys: tuple[str, str], n: int = 1) -> list[Generation]:
    engine = open_engine(reference(path), OPTIONS)
    prompts = [Prompt(dataset=dataset, sample_id=sample_id, n=n) for dataset, sample_id in keys]
    try:
        return list(engine.generate(prompts))
    finally:
        engine.close()


def test_check_tells_datasets_and_content_hash(tmp_path: Path) -> None:
    path = recorded(tmp_path / "file.jsonl", row("math", "1", "a"), row("gsm8k", "1", "b"))
    assert set(facts(path).datasets or ()) == {"gsm8k", "math"}
    assert facts(path).content_hash == hashlib.sha256(path.read_bytes()).hexdigest()


BROKEN = [
    ("{", "not a JSON object"),
    ("[1]", "a JSON object is needed, not list"),
    ("{'dataset': 1}", "not a JSON object"),
    ('{"id": "1", "completions": ["a"]}', '"dataset" must be a text'),
    (
        '{"dataset": "d", "id": 7, "completions": ["a"]}',
        '"id" must be a text that is not empty; it is 7',
    ),
    ('{"dataset": "d", "id": "", "completions": ["a"]}', '"id" must be a text'),
    (
        '{"dataset": "d", "id": "1"}',
        '"completions" must be a list of at least one text; it is miss',
    ),
    ('{"dataset": "d", "id": "1", "completions": []}', "at least one text"),
    ('{"dataset": "d", "id": "1", "completions": "a"}', "must be a list"),
    ('{"dataset": "d", "id": "1", "completions": ["a", null]}', "must be a list"),
    ('{"dataset": "d", "id": "1", "completions": ["a"], "finish_reasons": []}', "at least one"),
    ('{"dataset": "d", "id": "1", "completions": ["a"], "finish_reasons": ["?"]}', "stop, length"),
    (
        '{"dataset": "d", "id": "1", "completions": ["a"], "finish_reasons": ["stop", "stop"]}',
        "for each of 1 completions",
    ),
    (
        '{"dataset": "d", "id": "1", "completions": ["a"], "finish_reason": ["stop"]}',
        'did you mean "finish_reasons"',
    ),
    (r'{"dataset": "d", "id": "\ud800", "completions": ["a"]}', '"id" must be a text'),
    (
        r'{"dataset": "d", "id": "1", "completions": ["\ude00"]}',
        "must be a list of at least one text",
    ),
    ("[" * 100_000, "not a JSON object"),
    ('{"dataset": "d", "id": "1", "completions": [[]]}', "a list of replies that are texts"),
    ('{"dataset": "d", "id": "1", "completions": [["a", 1]]}', "one for each turn; it is [['a'"),
    ('{"dataset": "d", "id": "1", "completions": [["a"], 1]}', "a list of replies that are texts"),
    (r'{"dataset": "d", "id": "1", "completions": [["\ude00"]]}', "a list of replies that are"),
]


@pytest.mark.parametrize(("line", "message"), BROKEN)
def test_broken_line_is_refused_with_file_and_line(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "file.jsonl"
    good = json.dumps(row("d", "0", "a"))
    path.write_text(f"{good}\n\n{line}\n", encoding="utf-8")
    with pytest.raises(ModelError) as caught:
        facts(path)
    assert str(caught.value).startswith(f"{path}:3: ")
    assert message in str(caught.value)


def test_line_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file.jsonl"
    path.write_bytes(b'{"dataset": "\xff", "id": "1", "completions": ["a"]}\n')
    with pytest.raises(ModelError, match=r"file\.jsonl:1: not a JSON object"):
        facts(path)


def test_duplicate_is_refused_with_both_lines(tmp_path: Path) -> None:
    path = recorded(
        tmp_path / "file.jsonl", row("d", "1", "a"), row("d", "2", "a"), row("d", "1", "b")
    )
    with pytest.raises(ModelError, match=r"file\.jsonl:3: sample '1' of dataset 'd'.*line 1;"):
        facts(path)


def test_file_that_is_missing_empty_or_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read: No such file"):
        facts(tmp_path / "missing.jsonl")
    with pytest.raises(ModelError, match="cannot be read: Is a directory"):
        facts(tmp_path)
    with pytest.raises(ModelError, match="cannot be read"):
        open_engine(reference(tmp_path / "missing.jsonl"), OPTIONS)
    with pytest.raises(ModelError, match="holds no recorded completions"):
        facts(recorded(tmp_path / "empty.jsonl"))


def test_texts_of_all_scripts_are_kept(tmp_path: Path) -> None:
    path = recorded(tmp_path / "file.jsonl", row("d", "größe", "≤ 7 😀 العربية"))
    assert set(facts(path).datasets or ()) == {"d"}
    assert ask(path, ("d", "größe"))[0].completions[0].text == "≤ 7 😀 العربية"


def test_other_keys_blank_lines_and_a_byte_order_mark_are_accepted(tmp_path: Path) -> None:
    path = tmp_path / "file.jsonl"
    line = json.dumps({**row("d", "1", "a"), "model": "x"})
    path.write_text(f"\ufeff{line}\r\n   \n\n{json.dumps(row('d', '2', 'b'))}", encoding="utf-8")
    assert set(facts(path).datasets or ()) == {"d"}
    assert [each.completions[0].text for each in ask(path, ("d", "1"), ("d", "2"))] == ["a", "b"]


def test_prompts_in_any_order_get_their_own_completions(tmp_path: Path) -> None:
    names = [str(number) for number in range(50)]
    path = recorded(tmp_path / "file.jsonl", *(row("d", name, f"text {name}") for name in names))
    wanted = [*names[10:20], *names[40:], "3", "3", *reversed(names[:5])]
    answers = ask(path, *(("d", name) for name in wanted))
    assert [answer.sample_id for answer in answers] == wanted
    assert [answer.completions[0].text for answer in answers] == [f"text {n}" for n in wanted]


def test_same_id_in_two_datasets_is_told_apart(tmp_path: Path) -> None:
    path = recorded(tmp_path / "file.jsonl", row("a", "1", "of a"), row("b", "1", "of b"))
    assert [each.completions[0].text for each in ask(path, ("b", "1"), ("a", "1"))] == [
        "of b",
        "of a",
    ]


def test_prompt_without_a_recording_is_an_error_and_the_next_goes_on(tmp_path: Path) -> None:
    path = recorded(tmp_path / "file.jsonl", row("d", "1", "a"), row("d", "2", "b"))
    missing, found = ask(path, ("d", "9"), ("d", "1"))
    assert missing.error == f"no completion recorded for d/9 in {path}"
    assert missing.completions == ()
    assert found.completions[0].text == "a"


def test_fewer_completions_than_wanted_are_an_error_and_more_are_cut(tmp_path: Path) -> None:
    path = recorded(tmp_path / "file.jsonl", row("d", "1", "a"), row("d", "2", "a", "b", "c"))
    few, many = ask(path, ("d", "1"), ("d", "2"), n=2)
    assert few.error == f"1 of 2 completions recorded for d/1 in {path}"
    assert [completion.text for completion in many.completions] == ["a", "b"]


def test_finish_reasons_and_reasoning_are_kept(tmp_path: Path) -> None:
    data = {**row("d", "1", "<think>why</think>7", "cut"), "finish_reasons": ["stop", "length"]}
    (answer,) = ask(recorded(tmp_path / "file.jsonl", data), ("d", "1"), n=2)
    assert (answer.completions[0].reasoning, answer.completions[0].text) == ("why", "7")
    assert [completion.is_truncated for completion in answer.completions] == [False, True]


def test_prompts_are_taken_one_by_one(tmp_path: Path) -> None:
    path = recorded(tmp_path / "file.jsonl", *(row("d", str(i), "a") for i in range(5)))
    taken: list[int] = []

    def prompts() -> Iterator[Prompt]:
        for number in range(5):
            taken.append(number)
            yield Prompt(dataset="d", sample_id=str(number))

    engine = open_engine(reference(path), OPTIONS)
    answers = engine.generate(prompts())
    next(answers)
    next(answers)
    assert taken == [0, 1]
    engine.close()
    engine.close()


def test_file_that_broke_after_the_check_is_an_engine_error(tmp_path: Path) -> None:
    path = recorded(tmp_path / "file.jsonl", row("d", "1", "a"))
    engine = open_engine(reference(path), OPTIONS)
    path.write_text("nonsense\n")
    with pytest.raises(EngineError, match="broke since it was checked"):
        list(engine.generate([Prompt(dataset="d", sample_id="1")]))
    engine.close()


def labelled(sample_id: str, **labels: float) -> dict[str, object]:
    return {"dataset": "d", "id": sample_id, "labels": labels}


def test_labels_are_replayed_as_they_were_recorded(tmp_path: Path) -> None:
    path = recorded(tmp_path / "file.jsonl", labelled("1", good=0.25, bad=0.75))
    engine = open_engine(reference(path), OPTIONS)

    (given,) = engine.classify([Prompt(dataset="d", sample_id="1")])
    engine.close()

    assert (given.labels, given.completions) == ({"good": 0.25, "bad": 0.75}, ())


def test_a_prompt_that_was_cut_is_cut_still(tmp_path: Path) -> None:
    path = recorded(
        tmp_path / "file.jsonl",
        row("d", "1", "a") | {"is_prompt_cut": True},
        row("d", "2", "a"),
    )
    engine = open_engine(reference(path), OPTIONS)
    given = engine.generate([Prompt(dataset="d", sample_id=name) for name in "12"])
    assert [one.is_prompt_cut for one in given] == [True, False]
    engine.close()


def test_whether_a_prompt_was_cut_is_true_or_false(tmp_path: Path) -> None:
    path = recorded(tmp_path / "file.jsonl", row("d", "1", "a") | {"is_prompt_cut": "no"})
    with pytest.raises(ModelError, match="\"is_prompt_cut\" must be true or false, not 'no'"):
        facts(path)


def test_check_tells_what_was_recorded_and_which_labels_there_are(tmp_path: Path) -> None:
    path = recorded(
        tmp_path / "file.jsonl", labelled("1", good=1), labelled("2", bad=0.5), row("e", "1", "a")
    )

    found = facts(path).datasets or {}

    assert (found["d"].holds, list(found["d"].labels)) == ("classify", ["good", "bad"])
    assert (found["e"].holds, list(found["e"].labels)) == ("generate", [])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"labels": {}}, "an object with a probability for each label"),
        ({"labels": ["good"]}, "an object with a probability for each label"),
        ({"labels": {"good": "1"}}, "must be a number from 0 to 1; it is '1'"),
        ({"labels": {"good": True}}, "must be a number from 0 to 1"),
        ({"labels": {"good": 1.5}}, "must be a number from 0 to 1"),
        ({"labels": {"good": float("nan")}}, "must be a number from 0 to 1"),
        ({"labels": {"good": 1}, "completions": ["a"]}, "not both"),
    ],
)
def test_broken_labels_are_refused_with_file_and_line(
    tmp_path: Path, given: dict[str, object], message: str
) -> None:
    path = recorded(tmp_path / "file.jsonl", {"dataset": "d", "id": "1", **given})

    with pytest.raises(ModelError, match=rf"file\.jsonl:1: .*{message}"):
        facts(path)


def test_labels_and_completions_of_one_dataset_are_refused(tmp_path: Path) -> None:
    path = recorded(tmp_path / "file.jsonl", labelled("1", good=1), row("d", "2", "a"))

    with pytest.raises(ModelError, match=r"file\.jsonl:2: dataset 'd' has labels in some rows"):
        facts(path)


def peak_bytes(path: Path, rows: int) -> int:
    with path.open("w") as file:
        for number in range(rows):
            file.write(json.dumps(row("d", str(number), "text")) + "\n")
    engine = open_engine(reference(path), OPTIONS)
    prompts = (Prompt(dataset="d", sample_id=str(number)) for number in range(0, rows, 2))
    tracemalloc.start()
    facts(path)
    assert sum(answer.error is None for answer in engine.generate(prompts)) == rows // 2
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    engine.close()
    return peak


def test_memory_does_not_grow_with_the_number_of_rows(tmp_path: Path) -> None:
    small, large = tmp_path / "small.jsonl", tmp_path / "large.jsonl"
    more_memory = -peak_bytes(small, 3_000) + peak_bytes(large, 12_000)
    assert more_memory < (large.stat().st_size - small.stat().st_size) / 5


def talk(path: Path, *completions: object, turns: int, n: int = 1) -> Generation:
    recorded(path, {"dataset": "d", "id": "1", "completions": completions})
    engine = open_engine(reference(path), OPTIONS)
    later = tuple(map(str, range(1, turns)))
    try:
        asked = Prompt(dataset="d", sample_id="1", n=n, later_turns=later)
        return next(iter(engine.generate([asked])))
    finally:
        engine.close()


def test_a_completion_may_be_a_list_of_replies(tmp_path: Path) -> None:
    said = [["a", "<think>hm</think>b"], ["c", "d"]]
    found = talk(tmp_path / "file.jsonl", *said, turns=2, n=2).completions

    assert [(one.earlier, one.text, one.reasoning) for one in found] == [
        (("a",), "b", "hm"),
        (("c",), "d", ""),
    ]


@pytest.mark.parametrize(
    ("completion", "turns", "said"),
    [
        ("a", 2, "replies to 1 turns, and not to 2, recorded for d/1 in "),
        (["a", "b"], 1, "replies to 2 turns, and not to 1, recorded for d/1 in "),
        (["a", "b"], 3, "replies to 2 turns, and not to 3, recorded for d/1 in "),
    ],
)
def test_replies_to_other_turns_are_an_error_of_the_sample(
    tmp_path: Path, completion: object, turns: int, said: str
) -> None:
    found = talk(tmp_path / "file.jsonl", completion, turns=turns)

    assert str(found.error).startswith(said)


def test_a_list_of_one_reply_is_a_single_turn(tmp_path: Path) -> None:
    assert talk(tmp_path / "file.jsonl", ["a"], turns=1).completions[0].text == "a"


def test_a_reasoning_without_end_in_an_earlier_turn_counts_as_cut_off(tmp_path: Path) -> None:
    found = talk(tmp_path / "file.jsonl", ["<think>and so", "b"], turns=2).completions[0]

    assert (found.earlier, found.text, found.finish_reason) == (("",), "b", "length")
