"""The datasets of named entities, asked for as JSON: SciERC's terms, and PICO spans of trials."""

from __future__ import annotations

import json
from collections.abc import Sequence

from evalctl import (
    DatasetSpec,
    Example,
    FileParts,
    FileSource,
    Mention,
    PromptTemplate,
    Row,
    Sample,
    Sampling,
    entity_scorer,
    gold_spans,
    place_mentions,
)
from evalctl_scientific import rows

_FORM = (
    "Copy each entity as it is written, as often as it occurs, in the order of the text. Answer "
    "with "
    "JSON alone, of the form\n"
    '{"entities": [{"label": "LABEL", "text": "WORDS"}]}\n'
    "and with an empty list where there are none."
)


def named_entities(sample: Sample) -> str:
    """Return the gold entities as a model would write them."""
    return _written(sample, _mentions(sample))


def other_entities(sample: Sample) -> str:
    """Return wrong ones likewise: the first is missing, or there is one where there are none."""
    mentions = _mentions(sample)
    first_word = Mention("Generic", sample.input.split(" ", 1)[0])
    return _written(sample, mentions[1:] if mentions else [first_word])


def _mentions(sample: Sample) -> list[Mention]:
    return [Mention(label, sample.input[start:end]) for label, start, end in gold_spans(sample)]


def _written(sample: Sample, mentions: Sequence[Mention]) -> str:
    """Return mentions as JSON, with the occurrence that is meant where it would be mistaken."""
    spans = gold_spans(sample)
    is_gold = len(spans) == len(mentions)
    if is_gold and sorted(place_mentions(sample.input, mentions).spans) != sorted(spans):
        mentions = [
            mention._replace(occurrence=_occurrence(sample.input, mention.text, span.start))
            for mention, span in zip(mentions, spans, strict=True)
        ]
    entities = [
        {"label": label, "text": text} | ({"occurrence": occurrence} if occurrence else {})
        for label, text, occurrence in mentions
    ]
    return json.dumps({"entities": entities}, ensure_ascii=False)


def _occurrence(source: str, text: str, start: int) -> int:
    """Return which of a text's places begins at a position, from 1."""
    for number in range(1, len(source) + 1):
        (span,) = place_mentions(source, [Mention("", text, number)]).spans
        if span.start >= start:
            return number
    return 0


def scierc_sample(row: Row) -> Sample:
    """A sentence of SciERC, with its entities as a worked example answers them."""
    return _with_gold(rows.scierc(row))


def ebm_nlp_sample(row: Row) -> Sample:
    """A sentence of EBM-NLP likewise."""
    return _with_gold(rows.ebm_nlp(row))


def _with_gold(sample: Sample) -> Sample:
    return sample.model_copy(update={"solution": named_entities(sample)})


def _prompt(what: str) -> PromptTemplate:
    return PromptTemplate(
        question=f"{what}\n\nSentence: {{input}}\nEntities:",
        answer=" {solution}",
        instruction=f"{what}\n\nSentence: {{input}}\n\n{_FORM}",
        reply="{solution}",
        stop=("\n",),
    )


def _schema(labels: Sequence[str]) -> str:
    """Return the JSON Schema of an answer; what may be left out of it is no part of it."""
    entity = {
        "type": "object",
        "properties": {"label": {"enum": list(labels)}, "text": {"type": "string"}},
        "required": ["label", "text"],
        "additionalProperties": False,
    }
    answer = {
        "type": "object",
        "properties": {"entities": {"type": "array", "items": entity}},
        "required": ["entities"],
        "additionalProperties": False,
    }
    return json.dumps(answer)


def _files(*paths: str) -> FileSource:
    return FileSource(parts=(FileParts(paths=paths),))


_TERMS = _with_gold(
    Sample(
        id="example",
        input="We use a parser for information extraction .",
        metadata={"spans": [["Method", 9, 15], ["Task", 20, 42]]},
    )
)
_TRIAL = _with_gold(
    Sample(
        id="example",
        input="Budesonide relieved the symptoms of children with asthma .",
        metadata={
            "spans": [["Intervention", 0, 10], ["Outcome", 24, 32], ["Participants", 36, 56]],
        },
    )
)

scierc = DatasetSpec(
    name="scierc",
    title="SciERC: entities in scientific abstracts",
    version="1",
    licence="not stated",
    citation='Luan et al. 2018, "Multi-Task Identification of Entities, Relations, and Coreference '
    'for Scientific Knowledge Graph Construction"; rows as in Beltagy et al. 2019 (SciBERT)',
    sources=(_files("scierc/ner/sciie/test.txt", "data/ner/sciie/test.txt"),),
    columns=frozenset({"tokens", "tags"}),
    to_sample=scierc_sample,
    prompt=_prompt(
        "Find the entities in this sentence of a scientific abstract. Their labels:\n"
        "Task: a problem to be solved, an application or a system\n"
        "Method: a method, a model, a tool, a framework\n"
        "Metric: what is measured, or how\n"
        "Material: data, a corpus, a knowledge base\n"
        "OtherScientificTerm: a scientific term that is none of these\n"
        "Generic: a word that stands for one of them, such as `approach` or `it`"
    ),
    shot_sources=(_files("scierc/ner/sciie/train.txt", "data/ner/sciie/train.txt"),),
    sampling=Sampling(max_tokens=768, json_schema=_schema(rows.ENTITIES)),
    scorers=(entity_scorer("scierc_entities", rows.ENTITIES),),
    headline="ner_f1",
    gold=named_entities,
    perturb=other_entities,
    examples=(
        Example(
            sample=_TERMS,
            good=named_entities(_TERMS),
            bad='{"entities": [{"label": "Method", "text": "parser"}]}',
        ),
        Example(
            sample=_TERMS,
            good="- Method: parser\n- Task: information extraction",
            bad="- Method: a parser\n- Task: information extraction",
        ),
    ),
    role="primary",
)

pubmed_abstracts = DatasetSpec(
    name="pubmed_abstracts",
    title="EBM-NLP: participants, interventions and outcomes in abstracts of trials",
    version="1",
    licence="not stated",
    citation='Nye et al. 2018, "A Corpus with Multi-Level Annotations of Patients, Interventions '
    'and Outcomes to Support Language Processing for Medical Literature"',
    sources=(_files("pubmed_abstracts/ebmnlp/test.txt", "data/pico/ebmnlp/test.txt"),),
    columns=frozenset({"tokens", "tags"}),
    to_sample=ebm_nlp_sample,
    prompt=_prompt(
        "Find in this sentence of a clinical trial's abstract the stretches that tell of\n"
        "Participants: who took part, with their condition, age, sex and number\n"
        "Intervention: what was done or given, the control included\n"
        "Outcome: what was measured"
    ),
    shot_sources=(_files("pubmed_abstracts/ebmnlp/train.txt", "data/pico/ebmnlp/train.txt"),),
    sampling=Sampling(max_tokens=768, json_schema=_schema(tuple(rows.PICO.values()))),
    scorers=(entity_scorer("pico_entities", tuple(rows.PICO.values())),),
    headline="ner_f1",
    gold=named_entities,
    perturb=other_entities,
    examples=(
        Example(
            sample=_TRIAL,
            good=named_entities(_TRIAL),
            bad='{"entities": [{"label": "Outcome", "text": "asthma"}]}',
        ),
    ),
)
