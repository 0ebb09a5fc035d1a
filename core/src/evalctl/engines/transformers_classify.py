"""Classifiers with transformers; how their texts are read is in `transformers_texts.py`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from evalctl.engines import local_model
from evalctl.engines.classifying import Reading, TextReader
from evalctl.engines.model_labels import labels_of
from evalctl.engines.phases import report_phase
from evalctl.engines.transformers_backend import empty_cache
from evalctl.engines.transformers_loading import context_of, device_of, info_of, source_of
from evalctl.engines.transformers_options import TransformersOptions
from evalctl.engines.transformers_texts import (
    Padding,
    TextBatches,
    dtype_of,
    inputs_of,
    read_in_windows,
    tokens_at_once,
)
from evalctl.errors import EngineError, ModelError
from evalctl.protocols import EngineInfo, ModelRef
from evalctl.records import Generation, Prompt


class ClassifierEngine:
    """A classifier loaded by transformers."""

    def __init__(self, model: ModelRef, options: TransformersOptions) -> None:
        """Load it.

        Raises:
            ModelError: It is none, or its files do not hold all of it.
        """
        report_phase("importing torch and transformers")
        import transformers

        report_phase("loading weights")
        source = source_of(model, options)
        tokenizer: Any = transformers.AutoTokenizer.from_pretrained(model.path, **source)
        device = device_of(options.device)
        loaded: Any
        loaded, report = transformers.AutoModelForSequenceClassification.from_pretrained(
            model.path, dtype=dtype_of(options, device), output_loading_info=True, **source
        )
        _refuse_headless(model, report["missing_keys"])
        config = loaded.config.to_dict()
        self._name = model.name
        self._labels = labels_of(model.name, config, multi_label=options.multi_label)
        context = context_of(model, options, local_model.context_length(config))
        self._reader = TextReader(tokenizer, context)
        loaded.config.use_cache = False
        self._model: Any = loaded.to(device).eval()
        self._info = info_of(loaded, device, self._reader.context_length, options)
        self._batches = TextBatches(self._forward, tokens_at_once(options), _padding(loaded.config))

    @property
    def info(self) -> EngineInfo:
        """What is loaded, and how."""
        return self._info

    def classify(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        """Yield the probabilities of all labels. See `ClassifyingEngine.classify`."""
        if self._model is None:
            raise EngineError(f"engine transformers: model {self._name} was closed; open it again")
        for read in read_in_windows(self._reader, prompts):
            if isinstance(read, Generation):
                yield read
                continue
            for reading, logits in self._batches.pairs(read):
                yield reading.generation(self._labels, logits)

    def close(self) -> None:
        """Give the memory back; may be called twice."""
        if self._model is not None:
            self._model = None
            empty_cache()

    def _forward(self, part: Sequence[Reading]) -> list[list[float]]:
        """Return the outputs for a batch, in its order."""
        inputs = inputs_of(self._model, part)
        rows: list[list[float]] = self._model(**inputs).logits.float().tolist()
        return rows


def _padding(config: Any) -> Padding:  # noqa: ANN401  transformers has no type for all
    """Return how a model's texts may be read together.

    A decoder's classifier looks at the last token that is no padding, and refuses several texts
    where it does not know which that is; XLNet's looks at the last one, padding or not.
    Source: transformers, `modeling_layers.py` (`GenericForSequenceClassification`) and
    `modeling_xlnet.py` (`SequenceSummary`).
    """
    if config.model_type == "xlnet":
        return Padding.ALIKE
    return Padding.NONE if config.pad_token_id is None else Padding.BEHIND


def _refuse_headless(model: ModelRef, missing: Collection[str]) -> None:
    """Raise ModelError where weights are missing, which transformers fills at random."""
    if missing:
        raise ModelError(
            f"model {model.name}: its weight files do not hold a whole classifier: {len(missing)} "
            f"weights are missing, the first is {min(missing)}; take a model that was trained to "
            "classify, or download it again"
        )
