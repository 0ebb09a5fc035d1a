"""How datasets ask for a word, and how one is made of another."""

from __future__ import annotations

from evalctl import DatasetSpec, Example, PromptTemplate, Sampling
from evalctl_biomedical import gold, scorers

IN_WORDS = Sampling(max_tokens=1024)
"""Leaves room for reasons before an answer."""

_WORD = "End with a line of the form `Answer: WORD`."
YES_NO_MAYBE = f"{{input}}\n\nAnswer with yes, no or maybe. {_WORD}"
YES_NO = f"{{input}}\n\nAnswer with yes or no. {_WORD}"


def word_prompt(instruction: str, question: str = "{input}\nAnswer:") -> PromptTemplate:
    """Return a prompt that asks for one of a sample's choices."""
    return PromptTemplate(
        question=question,
        answer=" {target}",
        instruction=instruction,
        reply="Answer: {target}",
        stop=("\n",),
    )


def changed(spec: DatasetSpec, **changes: object) -> DatasetSpec:
    """Return a dataset that differs from another one in some fields."""
    return DatasetSpec.model_validate({**dict(spec), **changes})


def written(spec: DatasetSpec, scorer: str) -> DatasetSpec:
    """Return a dataset's form for models that give no log-likelihoods.

    Args:
        spec: A dataset that asks for one of a sample's words.
        scorer: Name of the scorer.
    """
    return changed(
        spec,
        name=f"{spec.name}_written",
        title=f"{spec.title}, answered in words",
        needs="generate",
        otherwise="",
        sampling=IN_WORDS,
        scorers=(scorers.word_scorer(scorer, spec.examples[0].sample.choices, is_choice=False),),
        gold=gold.word,
        perturb=gold.other_word,
        examples=tuple(
            Example(
                sample=one.sample,
                good=f"It is clear. **Answer:** {one.good}.",
                bad=f"Answer: {one.bad}",
            )
            for one in spec.examples
        ),
        role="variant",
    )
