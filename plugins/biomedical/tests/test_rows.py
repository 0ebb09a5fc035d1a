"""Rows to samples, in upstream's form and in the hub's, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evalctl import Row
from evalctl_biomedical import gold, rows, sentences
from evalctl_biomedical.rows import ANSWER_WORDS, SNIPPET_WORDS


def row(**data: object) -> Row:
    return Row(data, 7, "", "somewhere:7")  # type: ignore[arg-type]  # JSON values


QUESTION = {"QUESTION": "Is it so?", "CONTEXTS": ["One.", "Two."], "final_decision": "maybe"}


def test_pubmedqa_reads_alike_in_both_forms() -> None:
    upstream = rows.pubmedqa(row(key="12", LONG_ANSWER="It may be.", **QUESTION))
    context = {"contexts": ["One.", "Two."], "labels": ["A", "B"]}
    hub = rows.pubmedqa(
        row(pubid=12, question="Is it so?", context=context, final_decision="maybe")
    )
    assert upstream == hub
    assert upstream.input == "Abstract: One.\nTwo.\nQuestion: Is it so?"
    assert (upstream.id, upstream.target) == ("12", "maybe")
    assert "It may be." not in upstream.model_dump_json()


def test_pubmedqa_without_context_has_the_question_alone() -> None:
    assert rows.pubmedqa_no_context(row(key="12", **QUESTION)).input == "Is it so?"


def test_the_test_split_is_the_official_one(benchmark_data: Path) -> None:
    official = json.loads((benchmark_data / "pubmedqa" / "test_ground_truth.json").read_text())
    every = json.loads((benchmark_data / "pubmedqa" / "ori_pqal.json").read_text())
    assert rows.pubmedqa_test_ids() == set(official)
    assert {key: every[key]["final_decision"] for key in official} == official
    assert set(gold.PUBMEDQA_SHOTS) <= set(every) - set(official)


def snippet(words: int, name: str = "word") -> dict[str, str]:
    return {"text": " ".join([name] * words), "document": "somewhere"}


def bioasq(**data: object) -> Row:
    whole = {"id": "a", "body": "Which?", "snippets": [snippet(3)], "ideal_answer": ["So."]}
    return row(**{**whole, **data})


@pytest.mark.parametrize(
    ("kind", "exact", "target", "wanted"),
    [
        ("yesno", "Yes", "yes", [["yes"]]),
        ("factoid", [["insulin", "INS"]], "insulin", [["insulin", "INS"]]),
        ("factoid", ["insulin", "INS"], "insulin", [["insulin", "INS"]]),
        ("factoid", "insulin", "insulin", [["insulin"]]),
        ("list", [["a", "A"], ["b"]], "a | b", [["a", "A"], ["b"]]),
        ("list", ["a", "b"], "a | b", [["a"], ["b"]]),
        ("summary", None, "", []),
    ],
)
def test_exact_answers_of_all_years_are_read(
    kind: str, exact: object, target: str, wanted: list[list[str]]
) -> None:
    sample = rows.bioasq(bioasq(type=kind, exact_answer=exact))
    assert (sample.target, sample.metadata["gold"]) == (target, wanted)
    assert sample.input == "Context:\n- word word word\n\nQuestion: Which?"


def test_snippets_are_given_once_and_up_to_a_number_of_words() -> None:
    snippets = [snippet(300, "a"), snippet(300, "a"), snippet(300, "b"), snippet(9, "c")]
    text = rows.bioasq(bioasq(type="summary", snippets=snippets)).input
    assert (text.count("a "), text.count("b "), " c" in text) == (299, 100, False)
    assert text.count("- ") == 2
    assert SNIPPET_WORDS == 400


def test_questions_are_kept_by_their_type() -> None:
    kinds = {"yesno": "no", "factoid": [["x"]], "list": [["x"]], "summary": None}
    samples = [rows.bioasq(bioasq(type=kind, exact_answer=one)) for kind, one in kinds.items()]
    assert len(list(rows.with_exact_answer(samples))) == 3
    assert [sample.target for sample in rows.yes_or_no(samples)] == ["no"]


def test_ideal_answers_are_a_text_or_several() -> None:
    one = rows.bioasq_ideal(bioasq(type="summary", ideal_answer="So."))
    two = rows.bioasq_ideal(bioasq(type="summary", ideal_answer=["So.", "Thus."]))
    assert (one.metadata["ideal"], two.metadata["ideal"]) == (["So."], ["So.", "Thus."])
    assert one.solution == "So."


def answer(name: str, rank: str, score: str, words: int = 2) -> dict[str, str]:
    text = " ".join([name] * words)
    keys = {"AID": name, "SystemRank": "1", "ReferenceRank": rank, "ReferenceScore": score}
    return {**keys, "AnswerURL": "", "AnswerText": text}


def asked(*answers: dict[str, str]) -> Row:
    held = {"Answer": list(answers) if len(answers) > 1 else answers[0]}
    return row(QID="5", QuestionText="What  now?", AnswerList=held)


def test_mediqas_answers_are_right_from_a_score_of_three() -> None:
    sample = rows.mediqa(
        asked(
            answer("5_1", "4", "1"),
            answer("5_2", "2", "3"),
            answer("5_9", "1", "4"),
            answer("5_4", "3", "2"),
        )
    )
    assert (sample.id, sample.target) == ("qa/5", "3 > 2")
    assert sample.metadata["right"] == ["5_9", "5_2"]
    assert sample.input.startswith("Question: What now?\n\nAnswers:\n[1] 5_1 5_1\n[2]")


def test_a_single_answer_is_one_too() -> None:
    assert rows.mediqa(asked(answer("5_1", "1", "2"))).target == "none"


def test_long_answers_are_cut_and_short_ones_stay_whole() -> None:
    sample = rows.mediqa(
        asked(
            answer("5_1", "1", "4", 2000), answer("5_2", "2", "3", 10), answer("5_3", "3", "1", 999)
        )
    )
    counts = [sample.input.count(f"5_{n}") for n in (1, 2, 3)]
    assert counts == [395, 10, 395]
    assert sum(counts) == ANSWER_WORDS
    assert sample.input.count("…") == 2


def test_a_pair_asks_whether_one_question_entails_another() -> None:
    sample = rows.mediqa(row(pid="3", value="true", chq="Why\n so?", faq="Why?"))
    assert (sample.id, sample.target) == ("rqe/3", "yes")
    assert sample.input == "Question A: Why so?\nQuestion B: Why?"


def test_sentences_of_chemprot_are_clustered_without_their_marks() -> None:
    first = sentences.chemprot(
        row(text="<< A >> and B bind [[ C ]].", label="AGONIST", metadata=[])
    )
    second = sentences.chemprot(
        row(text="A and << B >> bind [[ C ]].", label="AGONIST", metadata=[])
    )
    third = sentences.chemprot(
        row(text="A and << B >> bind [[ D ]].", label="AGONIST", metadata=[])
    )
    assert first.cluster == second.cluster != third.cluster
    assert (first.id, first.target, first.metadata) == ("7", "AGONIST", {"group": "CPR:5"})


def test_rows_of_one_sentence_are_one_sample_with_all_of_its_entities() -> None:
    texts = ("<< A >> and B bind [[ C ]].", "A and << B >> bind [[ C ]].", "<< D >> [[ E ]]")
    samples = [sentences.chemprot_entities(row(text=text, label="AGONIST")) for text in texts]
    first, second = sentences.by_sentence(samples)
    assert (first.input, first.target) == ("A and B bind C.", "A; B; C")
    assert first.metadata["spans"] == [["Entity", 0, 1], ["Entity", 6, 7], ["Entity", 13, 14]]
    assert (second.input, second.target) == ("D E", "D; E")


def test_an_entity_inside_of_a_word_is_left_out_where_it_is_a_word_as_well() -> None:
    texts = ("<< Ara >> and [[ CDA ]] and CDA70.", "<< Ara >> and CDA and [[ CDA ]]70.")
    samples = [sentences.chemprot_entities(row(text=text, label="AGONIST")) for text in texts]
    (both,) = sentences.by_sentence(samples)
    assert both.metadata["spans"] == [["Entity", 0, 3], ["Entity", 8, 11]]
    (alone,) = sentences.by_sentence(
        [sentences.chemprot_entities(row(text="<< Ara >> and [[ CDA ]]70", label="AGONIST"))]
    )
    assert alone.target == "Ara; CDA"


PAIR = {"pid": "1", "value": "true", "chq": "a", "faq": "b"}


@pytest.mark.parametrize(
    ("adapter", "broken", "message"),
    [
        (rows.pubmedqa, row(key="1", **{**QUESTION, "final_decision": "so"}), "none of yes, no"),
        (rows.pubmedqa, row(key="1", **{**QUESTION, "CONTEXTS": "text"}), "list of texts"),
        (rows.bioasq, bioasq(type="riddle"), "none of yesno, factoid"),
        (rows.bioasq, bioasq(type="yesno", exact_answer="perhaps"), "neither yes nor no"),
        (rows.bioasq, bioasq(type="yesno"), "neither yes nor no"),
        (rows.bioasq, bioasq(type="factoid", exact_answer=[]), "at least one name"),
        (rows.bioasq, bioasq(type="list", exact_answer=[[]]), "at least one name"),
        (rows.bioasq, bioasq(type="list", exact_answer=7), "must hold a list"),
        (rows.bioasq_ideal, bioasq(type="summary", ideal_answer=[]), "at least one text"),
        (rows.mediqa, row(**{**PAIR, "value": "so"}), "neither true nor false"),
        (rows.mediqa, asked(answer("1_1", "1", "x"), answer("1_2", "2", "3")), "lacks one of"),
        (rows.mediqa, asked(answer("1_1", "1", "4"), answer("1_1", "2", "3")), "the same AID"),
        (rows.mediqa, row(QID="1", QuestionText="?", AnswerList=""), "must hold a list"),
        (sentences.chemprot, row(text="<< a >> [[ b ]]", label="FRIEND"), "none of ACTIVATOR"),
        (sentences.chemprot, row(text="a b", label="AGONIST"), "does not mark two entities"),
    ],
)
def test_a_broken_row_is_refused_with_the_reason(
    adapter: object, broken: Row, message: str
) -> None:
    assert callable(adapter)
    with pytest.raises(ValueError, match=message):
        adapter(broken)
