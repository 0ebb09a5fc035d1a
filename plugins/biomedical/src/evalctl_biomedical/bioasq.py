"""BioASQ, task 7b: exact answers, its yes/no questions alone, and answers at length."""

from __future__ import annotations

from evalctl import (
    DatasetSpec,
    Example,
    FileParts,
    FileSource,
    PromptTemplate,
    Sample,
    Sampling,
)
from evalctl_biomedical import gold, ideal, rows, scorers
from evalctl_biomedical.asking import IN_WORDS, YES_NO, changed, word_prompt, written

_SOURCE = FileSource(
    parts=tuple(
        FileParts(
            paths=(
                f"bioasq/Task7BGoldenEnriched/7B{batch}_golden.json",
                f"Task7BGoldenEnriched/7B{batch}_golden.json",
            ),
            label=f"7B{batch}",
            within="questions",
        )
        for batch in range(1, 6)
    )
)
_ASKED = "Context:\n- Insulin is made in the beta cells of the pancreas.\n\nQuestion: "
_FACTOID = Sample(
    id="factoid",
    input=f"{_ASKED}Which cells make insulin?",
    target="beta cells",
    metadata={"type": "factoid", "form": "Name it.", "gold": [["beta cells", "β-cells"]]},
)
_LIST = Sample(
    id="list",
    input=f"{_ASKED}Which hormones come from the pancreas?",
    target="insulin | glucagon",
    metadata={"type": "list", "form": "Name them.", "gold": [["insulin"], ["glucagon"]]},
)
_WHETHER = Sample(
    id="yesno",
    input=f"{_ASKED}Is insulin made in the pancreas?",
    target="yes",
    choices=rows.WORDS[:2],
    metadata={"type": "yesno", "form": "Answer with yes or no.", "gold": [["yes"]]},
)

bioasq = DatasetSpec(
    name="bioasq",
    title="BioASQ task 7b: exact answers to yes/no, factoid and list questions",
    version="1",
    licence="not stated; BioASQ asks users to register and to keep to NLM's terms",
    citation='Nentidis et al. 2020, "Results of the seventh edition of the BioASQ Challenge"',
    sources=(_SOURCE,),
    columns=frozenset({"body", "type", "snippets", "ideal_answer"}),
    to_sample=rows.bioasq,
    select=rows.with_exact_answer,
    prompt=PromptTemplate(
        question="{input}\nAnswer:",
        answer=" {target}",
        instruction="{input}\n\n{metadata:form}",
        stop=("\n",),
    ),
    sampling=IN_WORDS,
    scorers=(scorers.exact_answer, scorers.yesno, scorers.factoid, scorers.listed),
    headline="exact_answer_score",
    groups=("type",),
    gold=gold.exact,
    perturb=gold.other_exact,
    examples=(
        Example(sample=_WHETHER, good="Answer: yes", bad="Answer: no"),
        Example(sample=_FACTOID, good="Answer:\n- Beta cells (β-cells)", bad="Answer: the liver"),
        Example(sample=_LIST, good="Answer:\n1. Glucagon\n2. Insulin", bad="Answer: insulin, bile"),
    ),
    role="primary",
)
bioasq_yesno = changed(
    bioasq,
    name="bioasq_yesno",
    title="BioASQ task 7b: its yes/no questions, as BLURB has them",
    select=rows.yes_or_no,
    prompt=word_prompt(YES_NO),
    needs="choose",
    otherwise="bioasq_yesno_written",
    scorers=(scorers.word_scorer("likeliest_of_two", scorers.YES_NO, is_choice=True),),
    headline="biomedical_qa_accuracy",
    groups=(),
    gold=gold.choice,
    perturb=None,
    examples=(Example(sample=_WHETHER, good="yes", bad="no"),),
    role="variant",
)
_IDEAL = Sample(
    id="ideal",
    input=f"{_ASKED}Which cells make insulin?",
    target="Insulin is made in the beta cells of the pancreas.",
    solution="Insulin is made in the beta cells of the pancreas.",
    metadata={
        "type": "factoid",
        "gold": [["beta cells"]],
        "ideal": ["Insulin is made in the beta cells of the pancreas."],
    },
)
bioasq_ideal = changed(
    bioasq,
    name="bioasq_ideal",
    title="BioASQ task 7b: answers at length to questions of all types",
    to_sample=rows.bioasq_ideal,
    select=None,
    prompt=PromptTemplate(
        question="{input}\nAnswer:",
        answer=" {solution}",
        instruction=(
            "{input}\n\nAnswer the question in a paragraph of at most 200 words, as an expert "
            "would who writes for colleagues. Write nothing but the answer."
        ),
        stop=("\n\n", "Question:"),
    ),
    sampling=Sampling(max_tokens=512),
    scorers=(ideal.answer_rouge, ideal.coverage, ideal.clinical_relevance),
    headline="rouge_su4",
    gold=gold.ideal,
    perturb=gold.other_ideal,
    examples=(
        Example(sample=_IDEAL, good=f"Answer: {_IDEAL.solution}", bad="The liver makes it."),
    ),
    role="secondary",
)

DATASETS = (bioasq, bioasq_yesno, bioasq_ideal, written(bioasq_yesno, "word_of_two"))
