"""PubMedQA: the 500 questions of the official test split, with their abstracts and without."""

from __future__ import annotations

from evalctl import (
    DatasetSpec,
    Example,
    FileParts,
    FileSource,
    HubPart,
    HubSource,
    Sample,
)
from evalctl_biomedical import gold, rows, scorers
from evalctl_biomedical.asking import YES_NO_MAYBE, changed, word_prompt, written

_REVISION = "9001f2853fb87cab8d220904e0de81ac6973b318"

_TRIAL = Sample(
    id="example",
    input="Abstract: Of 40 patients on the drug, 38 recovered; of 40 on placebo, 12 did.\n"
    "Question: Does the drug help patients to recover?",
    target="yes",
    choices=rows.WORDS,
)
_BARE = _TRIAL.model_copy(update={"input": "Does the drug help patients to recover?"})
_DOUBT = _TRIAL.model_copy(update={"id": "doubt", "target": "maybe"})

pubmedqa = DatasetSpec(
    name="pubmedqa",
    title="PubMedQA: does the abstract answer the question with yes, no or maybe",
    version="1",
    licence="MIT",
    citation='Jin et al. 2019, "PubMedQA: A Dataset for Biomedical Research Question Answering"',
    sources=(
        FileSource(
            parts=(
                FileParts(
                    paths=("pubmedqa/ori_pqal.json", "pubmedqa/data/ori_pqal.json"), within="*"
                ),
            )
        ),
        HubSource(
            parts=(
                HubPart(
                    path="qiaojin/PubMedQA",
                    config="pqa_labeled",
                    split="train",
                    revision=_REVISION,
                ),
            )
        ),
    ),
    columns=frozenset({"QUESTION", "CONTEXTS", "final_decision"}),
    to_sample=rows.pubmedqa,
    select=rows.pubmedqa_test,
    prompt=word_prompt(YES_NO_MAYBE),
    needs="choose",
    otherwise="pubmedqa_written",
    scorers=(scorers.word_scorer("likeliest_of_three", rows.WORDS, is_choice=True),),
    headline="biomedical_qa_accuracy",
    gold=gold.choice,
    examples=(
        Example(sample=_TRIAL, good="yes", bad="no"),
        Example(sample=_DOUBT, good="maybe", bad="yes"),
    ),
    role="primary",
)
pubmedqa = changed(pubmedqa, shot_sources=pubmedqa.sources, shot_ids=gold.PUBMEDQA_SHOTS)
pubmedqa_no_context = changed(
    pubmedqa,
    name="pubmedqa_no_context",
    title="PubMedQA without the abstract: what a model knows by itself",
    to_sample=rows.pubmedqa_no_context,
    prompt=word_prompt(YES_NO_MAYBE, "Question: {input}\nAnswer:"),
    otherwise="pubmedqa_no_context_written",
    examples=(Example(sample=_BARE, good="yes", bad="no"),),
    role="variant",
)

DATASETS = (
    pubmedqa,
    pubmedqa_no_context,
    written(pubmedqa, "word_of_three"),
    written(pubmedqa_no_context, "word_of_three"),
)
