"""The datasets of one label an answer: SciERC's relations, and why a paper cites another."""

from __future__ import annotations

from functools import partial

from evalctl import (
    DatasetSpec,
    Example,
    FileParts,
    FileSource,
    HubPart,
    HubSource,
    MetricSpec,
    PromptTemplate,
    Sample,
    Sampling,
    macro_f1,
)
from evalctl_scientific import rows
from evalctl_scientific.labels import label_scorer

RELATION_F1 = MetricSpec(
    name="relation_macro_f1",
    title="F1 of relations, mean over them",
    pooled=partial(macro_f1, classes=rows.RELATIONS),
)
INTENT_F1 = MetricSpec(
    name="citation_relevance",
    title="F1 of why a paper is cited, mean over the intents",
    pooled=partial(macro_f1, classes=rows.INTENTS),
)
_RELATION_SCORER = label_scorer(
    "scierc_relation", rows.RELATIONS, ("relation", "relationship"), RELATION_F1
)
_INTENT_SCORER = label_scorer(
    "citation_intent", rows.INTENTS, ("intent", "intention", "category", "class"), INTENT_F1
)


def relation_of(sample: Sample) -> str:
    """Return the gold relation as a model would write it."""
    return f"Relation: {sample.target}"


def other_relation(sample: Sample) -> str:
    """Return another one likewise."""
    at = rows.RELATIONS.index(sample.target) + 1
    return f"Relation: {rows.RELATIONS[at % len(rows.RELATIONS)]}"


def intent_of(sample: Sample) -> str:
    """Return the gold intent as a model would write it."""
    return f"Intent: {sample.target}"


def other_intent(sample: Sample) -> str:
    """Return another one likewise."""
    at = rows.INTENTS.index(sample.target) + 1
    return f"Intent: {rows.INTENTS[at % len(rows.INTENTS)]}"


_PARSER = Sample(
    id="example",
    input="We use a [[ neural parser ]] for << information extraction >> .",
    target="USED-FOR",
    metadata={"relation": "USED-FOR", "head": "neural parser", "tail": "information extraction"},
)
_CITING = Sample(
    id="example",
    input="Samples were stained as described earlier (Lee et al., 2010).",
    target="method",
    metadata={"intent": "method"},
)

scierc_relations = DatasetSpec(
    name="scierc_relations",
    title="SciERC: how two entities of a sentence are related",
    version="1",
    licence="not stated",
    citation='Luan et al. 2018, "Multi-Task Identification of Entities, Relations, and Coreference '
    'for Scientific Knowledge Graph Construction"; rows as in Beltagy et al. 2019 (SciBERT)',
    sources=(
        FileSource(
            parts=(
                FileParts(
                    paths=(
                        "scierc/text_classification/sciie-relation-extraction/test.txt",
                        "data/text_classification/sciie-relation-extraction/test.txt",
                    )
                ),
            )
        ),
    ),
    columns=frozenset({"text", "label", "metadata"}),
    to_sample=rows.scierc_relation,
    prompt=PromptTemplate(
        question="Sentence: {input}\nRelation of [[ ]] to << >>:",
        answer=" {target}",
        instruction=(
            "In this sentence of a scientific abstract two entities are marked, the first by [[ ]] "
            "and "
            "the second by << >>.\n\n{input}\n\n"
            "How is the first related to the second?\n"
            "USED-FOR: it is used for the second, or the second is based on it\n"
            "FEATURE-OF: it is a property of the second\n"
            "HYPONYM-OF: it is a kind of the second\n"
            "PART-OF: it is a part of the second\n"
            "EVALUATE-FOR: the second is evaluated by it or on it\n"
            "COMPARE: the two are compared with each other\n"
            "CONJUNCTION: the two are named side by side, in the same role\n\n"
            "End with a line of the form `Relation: NAME`."
        ),
        reply="Relation: {target}",
        stop=("\n\n", "Sentence:"),
    ),
    shot_sources=(
        FileSource(
            parts=(
                FileParts(
                    paths=(
                        "scierc/text_classification/sciie-relation-extraction/train.txt",
                        "data/text_classification/sciie-relation-extraction/train.txt",
                    )
                ),
            )
        ),
    ),
    scorers=(_RELATION_SCORER,),
    headline="relation_macro_f1",
    gold=relation_of,
    perturb=other_relation,
    examples=(
        Example(sample=_PARSER, good="Relation: USED-FOR", bad="Relation: PART-OF"),
        Example(
            sample=_PARSER,
            good="The parser serves the extraction, so the answer is **USED-FOR**.",
            bad="USED-FOR or PART-OF",
        ),
    ),
)

scicite = DatasetSpec(
    name="scicite",
    title="SciCite: why a paper cites another",
    version="1",
    licence="not stated",
    citation='Cohan et al. 2019, "Structural Scaffolds for Citation Intent Classification in '
    'Scientific Publications"',
    sources=(
        FileSource(
            parts=(
                FileParts(paths=("scicite/test.txt", "data/text_classification/sci-cite/test.txt")),
            )
        ),
        HubSource(
            parts=(HubPart(path="allenai/scicite", split="test", revision="refs/convert/parquet"),)
        ),
    ),
    columns=frozenset({"text", "label", "metadata"}),
    to_sample=rows.scicite,
    prompt=PromptTemplate(
        question="Passage: {input}\nIntent of the citation (background, method or result):",
        answer=" {target}",
        instruction=(
            "This passage of a scientific paper cites other work.\n\n{input}\n\n"
            "Why does it cite?\n"
            "background: to tell what is known, or what others say\n"
            "method: because it uses their method, tool, material or data\n"
            "result: to compare its results with theirs\n\n"
            "End with a line of the form `Intent: NAME`."
        ),
        reply="Intent: {target}",
        stop=("\n\n", "Passage:"),
    ),
    shot_sources=(
        FileSource(
            parts=(
                FileParts(
                    paths=("scicite/train.txt", "data/text_classification/sci-cite/train.txt")
                ),
            )
        ),
        HubSource(
            parts=(HubPart(path="allenai/scicite", split="train", revision="refs/convert/parquet"),)
        ),
    ),
    sampling=Sampling(max_tokens=512),
    scorers=(_INTENT_SCORER,),
    headline="citation_relevance",
    gold=intent_of,
    perturb=other_intent,
    examples=(
        Example(sample=_CITING, good="Intent: method", bad="Intent: background"),
        Example(sample=_CITING, good="method", bad="It may be method or result."),
    ),
)
