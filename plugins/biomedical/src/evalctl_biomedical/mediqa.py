"""MEDIQA 2019: pairs of questions, and questions with answers to be ranked."""

from __future__ import annotations

from evalctl import (
    DatasetSpec,
    Example,
    FileParts,
    FileSource,
    PromptTemplate,
    Sample,
)
from evalctl_biomedical import gold, rows, scorers
from evalctl_biomedical.asking import IN_WORDS, changed, word_prompt, written

_RQE = "MEDIQA_Task2_RQE/MEDIQA2019-Task2-RQE-"
_PAIRS = FileParts(
    paths=tuple(f"{folder}{_RQE}TestSet-wLabels.xml" for folder in ("mediqa/", "")), label="rqe"
)
_QUESTIONS = FileParts(
    paths=tuple(
        f"{folder}MEDIQA_Task3_QA/MEDIQA2019-Task3-QA-TestSet-wLabels.xml"
        for folder in ("mediqa/", "")
    ),
    label="qa",
)
_PAIR = Sample(
    id="rqe/example",
    input="Question A: My father has gout. What can he take for it?\n"
    "Question B: How is gout treated?",
    target="yes",
    choices=rows.WORDS[:2],
    metadata={"task": "rqe", "form": "Answer with yes or no."},
)
_RANKED = Sample(
    id="qa/example",
    input="Question: How is gout treated?\n\nAnswers:\n[1] Gout is a kind of arthritis.\n"
    "[2] With medicines against pain.\n[3] With medicines against pain, diet and allopurinol.",
    target="3 > 2",
    metadata={
        "task": "qa",
        "form": "Rank them.",
        "answers": ["1_1", "1_2", "1_3"],
        "right": ["1_3", "1_2"],
    },
)
mediqa = DatasetSpec(
    name="mediqa",
    title="MEDIQA 2019: which question entails which, and which answers are right",
    version="1",
    licence="not stated",
    citation='Ben Abacha et al. 2019, "Overview of the MEDIQA 2019 Shared Task"',
    sources=(FileSource(parts=(_PAIRS, _QUESTIONS)),),
    columns=frozenset({"pid", "value", "chq", "faq"}),
    to_sample=rows.mediqa,
    prompt=PromptTemplate(
        question="{input}\n{metadata:form}\n",
        answer="{target}",
        instruction="{input}\n\n{metadata:form}",
        stop=("\n\n",),
        may_cut_behind=rows.ANSWERS,
    ),
    sampling=IN_WORDS,
    scorers=(scorers.mediqa, scorers.pair, scorers.ranking),
    headline="mediqa_score",
    groups=("task",),
    gold=gold.mediqa,
    perturb=gold.other_mediqa,
    examples=(
        Example(sample=_PAIR, good="Answer: yes", bad="Answer: no"),
        Example(sample=_RANKED, good="Ranking: 3 > 2", bad="Ranking: 1 > 3"),
    ),
    role="primary",
)
mediqa_rqe = changed(
    mediqa,
    name="mediqa_rqe",
    title="MEDIQA 2019: which question entails which",
    sources=(FileSource(parts=(_PAIRS,)),),
    shot_sources=(
        FileSource(
            parts=(
                FileParts(
                    paths=tuple(
                        f"{folder}{_RQE}ValidationSet-AMIA2016.xml" for folder in ("mediqa/", "")
                    )
                ),
            )
        ),
    ),
    shot_ids=gold.RQE_SHOTS,
    to_sample=rows.mediqa_rqe,
    prompt=word_prompt(
        "{input}\n\n{metadata:form}",
        "{input}\nIs every answer to question B also an answer to question A?\nAnswer:",
    ),
    needs="choose",
    otherwise="mediqa_rqe_written",
    scorers=(scorers.word_scorer("likeliest_of_pair", scorers.YES_NO, is_choice=True),),
    headline="biomedical_qa_accuracy",
    groups=(),
    gold=gold.choice,
    perturb=None,
    examples=(Example(sample=_PAIR, good="yes", bad="no"),),
    role="variant",
)

DATASETS = (mediqa, mediqa_rqe, written(mediqa_rqe, "word_of_pair"))
