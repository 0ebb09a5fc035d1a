"""ChemProt: the relation between a chemical and a protein that a sentence states."""

from __future__ import annotations

from evalctl import (
    DatasetSpec,
    Example,
    FileParts,
    FileSource,
    PromptTemplate,
    Sample,
    entity_scorer,
)
from evalctl_biomedical import gold, relation_scorers, sentences
from evalctl_biomedical.asking import IN_WORDS, changed
from evalctl_biomedical.relations import LABELS

_SENTENCE = Sample(
    id="example",
    input="<< Aspirin >> blocks [[ cyclooxygenase ]] in platelets.",
    target="INHIBITOR",
    choices=LABELS,
    metadata={"group": "CPR:4"},
)
_RELATION = (
    "Which relation does the sentence state between the entity in << >> and the entity in [[ ]]?"
)
chemprot = DatasetSpec(
    name="chemprot",
    title="ChemProt: how a chemical acts on a protein, by the sentence",
    version="1",
    licence="not stated (BioCreative VI); the rows' repository is Apache-2.0",
    citation='Krallinger et al. 2017, "Overview of the BioCreative VI chemical-protein track"',
    sources=(
        FileSource(
            parts=(
                FileParts(
                    paths=(
                        "chemprot/test.txt",
                        "data/text_classification/chemprot/test.txt",
                        "text_classification/chemprot/test.txt",
                    )
                ),
            )
        ),
    ),
    columns=frozenset({"text", "label", "metadata"}),
    to_sample=sentences.chemprot,
    prompt=PromptTemplate(
        question=f"Sentence: {{input}}\n{_RELATION} One of: {', '.join(LABELS)}.\nRelation:",
        answer=" {target}",
        instruction=(
            f"{{input}}\n\n{_RELATION} It is one of: {', '.join(LABELS)}.\n"
            "End with a line of the form `Relation: NAME`."
        ),
        reply="Relation: {target}",
        stop=("\n",),
    ),
    sampling=IN_WORDS,
    scorers=(relation_scorers.relation,),
    headline="relation_micro_f1",
    groups=("group",),
    gold=gold.relation,
    perturb=gold.other_relation,
    examples=(
        Example(sample=_SENTENCE, good="Relation: inhibitor", bad="Relation: AGONIST-INHIBITOR"),
    ),
    role="secondary",
)
chemprot_letters = changed(
    chemprot,
    name="chemprot_letters",
    title="ChemProt by log-likelihood: the letter of the relation",
    prompt=PromptTemplate(
        question=f"Sentence: {{input}}\n{_RELATION}\n{{choices}}\nAnswer:",
        answer=" {target}",
        instruction=f"{{input}}\n\n{_RELATION}\n{{choices}}",
        continuation=" {letter}",
    ),
    needs="choose",
    otherwise="chemprot",
    scorers=(relation_scorers.likeliest_relation,),
    gold=gold.choice,
    perturb=gold.choice_of_another_group,
    examples=(Example(sample=_SENTENCE, good="INHIBITOR", bad="AGONIST"),),
    role="variant",
)
_ENTITIES = (
    "Find the chemicals and the genes or proteins of which this sentence states that one acts on "
    "the other."
)
_PAIR = Sample(
    id="example",
    input="Aspirin blocks cyclooxygenase in platelets.",
    target="Aspirin; cyclooxygenase",
    solution='{"entities": [{"label": "Entity", "text": "Aspirin"}, '
    '{"label": "Entity", "text": "cyclooxygenase"}]}',
    metadata={"spans": [["Entity", 0, 7], ["Entity", 15, 29]]},
)
chemprot_entities = changed(
    chemprot,
    name="chemprot_entities",
    title="ChemProt: the chemicals and proteins that a sentence relates",
    to_sample=sentences.chemprot_entities,
    select=sentences.by_sentence,
    prompt=PromptTemplate(
        question=f"{_ENTITIES}\n\nSentence: {{input}}\nEntities:",
        answer=" {solution}",
        instruction=(
            f"{_ENTITIES}\n\nSentence: {{input}}\n\nCopy each as it is written, as often as it "
            "occurs. Answer with JSON alone, of the form\n"
            '{"entities": [{"label": "Entity", "text": "WORDS"}]}'
        ),
        reply="{solution}",
        stop=("\n",),
    ),
    scorers=(entity_scorer("chemprot_entity", (sentences.ENTITY,)),),
    headline="ner_f1",
    groups=(),
    gold=gold.entities,
    perturb=gold.other_entities,
    examples=(
        Example(
            sample=_PAIR,
            good=_PAIR.solution,
            bad='{"entities": [{"label": "Entity", "text": "platelets"}]}',
        ),
    ),
    role="variant",
)

DATASETS = (chemprot, chemprot_letters, chemprot_entities)
