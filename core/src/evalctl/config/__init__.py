"""The user's YAML file (`--config FILE`): what it may override, how it is read and applied.

`overrides.py` says what may stand in it, `yaml_file.py` reads YAML with care, `reading.py` turns
one into the other, `applying.py` changes specs, and `caching.py` says where generations are kept.
Whether the names in it exist is the planner's to say.
"""

from __future__ import annotations

from evalctl.config.applying import apply_dataset, apply_measuring, apply_model
from evalctl.config.caching import CacheChoice, choose_cache
from evalctl.config.overrides import UserConfig
from evalctl.config.reading import load, read_as
from evalctl.config.yaml_file import YamlFile, read_text

__all__ = [
    "CacheChoice",
    "UserConfig",
    "YamlFile",
    "apply_dataset",
    "apply_measuring",
    "apply_model",
    "choose_cache",
    "load",
    "read_as",
    "read_text",
]
