"""The category: what `evalctl run --category biomedical` runs."""

from __future__ import annotations

from collections.abc import Iterable

from evalctl import CategorySpec, hookimpl
from evalctl_biomedical.datasets import DATASETS
from evalctl_biomedical.models import MODELS


@hookimpl
def evalctl_categories() -> Iterable[CategorySpec]:
    """Return the category of biomedical work."""
    return (
        CategorySpec(
            name="biomedical",
            title="Biomedicine",
            aliases=("biomedical_specialists",),
            description=(
                "Questions of researchers and patients, answered out of abstracts, snippets and "
                "candidate answers, and relations between chemicals and proteins. A good score "
                "means that a model reads such texts rightly; it is no proof that its advice is "
                "safe for a patient."
            ),
            models=MODELS,
            datasets=DATASETS,
        ),
    )
