"""The generation cache: what a model gave to a prompt is kept, and found again by its address.

`address.py` says what a generation depends on, `model_files.py` what tells a model's files apart,
`entries.py` how a generation is written and checked, `database.py` is one SQLite file,
`cache_folder.py` the files of the folder and who may touch them, `rescue.py` takes over what is
whole, `guarded_file.py` keeps all trouble with them away from a run, and `generations.py` is what a
run uses. Which prompts are looked up is the run's matter, and so is what a hit means for a measured
time.
"""

from __future__ import annotations

from evalctl.cache.address import CacheKey, ModelIdentity, key_of, model_identity
from evalctl.cache.contents import CacheInfo, Cleared
from evalctl.cache.generations import DEFAULT_BYTES, GenerationCache

__all__ = [
    "DEFAULT_BYTES",
    "CacheInfo",
    "CacheKey",
    "Cleared",
    "GenerationCache",
    "ModelIdentity",
    "key_of",
    "model_identity",
]
