"""What a library said when a model could not be loaded, as one clear sentence.

Pure functions of strings; both local engines use them.
"""

from __future__ import annotations

import difflib
import re

from evalctl.errors import ModelError

_NO_TOKEN = re.compile(r"auto-fit max_model_len: not enough")
"""vLLM on a cache too small for anything; it speaks of a GPU even where there is none."""

_NO_ARCHITECTURE = re.compile(r"[Mm]odel architectures? \[?'?(\w+)[^\n]*?not supported")
"""vLLM on an architecture that it does not know; a list of those it knows may follow."""

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
        r"has no vLLM implementation"
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
        r"|HeaderTooLarge|InvalidHeader|assert loaded_weight|must match the size of tensor",
        "its weight files do not belong to its config.json, or are broken",
    ),
    (
        r"offline mode|couldn't connect|LocalEntryNotFound|is not a local folder",
        "it is not on this machine and cannot be downloaded; give a local folder",
    ),
)
"""Patterns in what vLLM, transformers and torch say, the first match counts, and what it means."""

_POINTER = re.compile(r"[Ss]ee root cause|[Ss]ee stack trace|details look at the above")
"""In lines that say nothing themselves."""

_REFUSED_VALUE = re.compile(r"(?:Value|Assertion) error, (.+?)(?: \[type=|$)", re.MULTILINE)
"""What pydantic says after `1 validation error for …`."""

_ASSERTED = re.compile(r"\s{2,}(assert .+)$", re.MULTILINE)
"""A line of code in a traceback; the exception below it has no words of its own."""

_ADVICE = re.compile(r"[.,;]? *Try (?:increasing|decreasing) .*")
"""vLLM's own, which names options as its command line has them; ours stands before it."""

_EXCEPTION_LINE = re.compile(r"\b[\w.]*(?:Error|Exception|Failure)\b: .+")


def model_error(
    name: str, engine: str, said: str, *, lower: str = "", version: str = ""
) -> ModelError:
    """Return the error to raise.

    Args:
        name: The model.
        engine: The engine, as the user wrote it.
        said: Whatever the library raised or printed.
        lower: Further options that save memory, such as `max_num_seqs`.
        version: Of the engine's library, where the caller knows it.
    """
    return ModelError(
        f"model {name}: {engine} cannot load it: "
        + _reason(said, f" or {lower}" if lower else "", f"{engine} {version}".strip())
    )


def _reason(said: str, lower: str, engine: str) -> str:
    """Return what is wrong and what to do about it, with the library's words where they help."""
    unknown = _NO_ARCHITECTURE.search(said)
    if unknown is not None:
        return _unknown_architecture(unknown.group(1), said[unknown.end() :], engine)
    if _NO_TOKEN.search(said):
        return (
            "its key-value cache has no room for a single token; raise kv_cache_gib or lower "
            "max_model_len"
        )
    for pattern, meaning in _CAUSES:
        if re.search(pattern, said):
            quoted = _ADVICE.sub("", last_words(said))
            return f"{meaning.format(lower=lower)} ({quoted})"
    return last_words(said)


def _unknown_architecture(name: str, following: str, engine: str) -> str:
    known = set(re.findall(r"'(\w+)'", following.partition("\n")[0]))
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.8)
    hint = f" (near ones are {', '.join(near)})" if near else ""
    return (
        f"architecture {name} is not one that {engine} supports{hint}; try another engine or a "
        "newer version"
    )


def is_pointer(words: str) -> bool:
    """Return whether a message only says that the reason stands elsewhere."""
    return _POINTER.search(words) is not None


def last_words(said: str, *, limit: int = 300) -> str:
    """Return the line that tells most: the last exception's that is not a mere pointer upwards."""
    refused = _REFUSED_VALUE.search(said)
    if refused is not None:
        return refused.group(1)[:limit]
    lines = [match.group().strip() for match in _EXCEPTION_LINE.finditer(said)]
    telling = [line for line in lines if not is_pointer(line)]
    asserted = [match.group(1) for match in _ASSERTED.finditer(said)]
    rest = [line.strip() for line in said.splitlines() if line.strip()]
    found = next((each[-1] for each in (telling, asserted, lines, rest) if each), "no reason given")
    return found[:limit]
