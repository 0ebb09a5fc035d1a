"""What a library said when a model could not be loaded, as one clear sentence.

Pure functions of strings; both local engines use them.
"""

from __future__ import annotations

import re

from evalctl.errors import ModelError

_CAUSES: tuple[tuple[str, str], ...] = (
    (
        r"trust_remote_code",
        "it brings Python code of its own; if you trust it, pass trust_remote_code=true",
    ),
    (
        r"out of memory|No available memory for the cache|KV cache is needed|bad_alloc"
        r"|can't allocate memory|Free memory on device|cannot allocate memory"
        r"|stored in KV cache|Not enough memory|Available memory",
        "it does not fit the memory; lower max_model_len{lower}, or take a smaller dtype",
    ),
    (
        r"max_model_len \((\d+)\) is greater than the derived max_model_len",
        "max_model_len is more than the context it was made for; lower max_model_len",
    ),
    (
        r"architectures? .*not supported|not supported for now|has no vLLM implementation"
        r"|does not recognize this architecture|Unrecognized configuration class"
        r"|Unrecognized model",
        "this engine does not support its architecture; try another engine or a newer version",
    ),
    (
        r"[Bb]float16 is only supported on GPUs|does not support bfloat16",
        "this GPU cannot compute in bfloat16; pass dtype=float16",
    ),
    (
        r"quantization method .*(not supported|does not match)|Unknown quantization"
        r"|Quantization method specified",
        "its quantisation does not work here; leave `quantization` unset or take other weights",
    ),
    (
        r"[Cc]annot find any model weights|no file named .*(safetensors|bin)|No weights",
        "it has no weights that can be read",
    ),
    (
        r"[Tt]okenizer.*(instantiate|load|convert|exist)|(instantiate|load) .*tokenizer",
        "its tokenizer cannot be loaded; check tokenizer.json and tokenizer_config.json",
    ),
    (
        r"size mismatch|ignore_mismatched_sizes|weights were not initialized"
        r"|Tried to load weights of size|no module or parameter named|MetadataIncompleteBuffer"
        r"|HeaderTooLarge|InvalidHeader|must match the size of tensor",
        "its weight files do not belong to its config.json, or are broken",
    ),
    (
        r"offline mode|couldn't connect|LocalEntryNotFound|is not a local folder",
        "it is not on this machine and cannot be downloaded; give a local folder",
    ),
)
"""Patterns in what vLLM, transformers and torch say, the first match counts, and what it means."""

_POINTER = re.compile(r"[Ss]ee root cause|details look at the above")
"""In lines that say nothing themselves."""

_REFUSED_VALUE = re.compile(r"(?:Value|Assertion) error, (.+?)(?: \[type=|$)", re.MULTILINE)
"""What pydantic says after `1 validation error for …`."""

_EXCEPTION_LINE = re.compile(r"\b[\w.]*(?:Error|Exception|Failure)\b: .+")


def model_error(name: str, engine: str, said: str, *, lower: str = "") -> ModelError:
    """Return the error to raise.

    Args:
        name: The model.
        engine: The engine, as the user wrote it.
        said: Whatever the library raised or printed.
        lower: Further options that save memory, such as `max_num_seqs`.
    """
    for pattern, meaning in _CAUSES:
        if re.search(pattern, said):
            extra = f" or {lower}" if lower else ""
            reason = meaning.format(lower=extra)
            return ModelError(
                f"model {name}: {engine} cannot load it: {reason} ({last_words(said)})"
            )
    return ModelError(f"model {name}: {engine} cannot load it: {last_words(said)}")


def last_words(said: str, *, limit: int = 300) -> str:
    """Return the line that tells most: the last exception's that is not a mere pointer upwards."""
    refused = _REFUSED_VALUE.search(said)
    if refused is not None:
        return refused.group(1)[:limit]
    lines = [match.group().strip() for match in _EXCEPTION_LINE.finditer(said)]
    telling = [line for line in lines if not _POINTER.search(line)]
    rest = [line.strip() for line in said.splitlines() if line.strip()]
    return next((each[-1] for each in (telling, lines, rest) if each), "no reason given")[:limit]
