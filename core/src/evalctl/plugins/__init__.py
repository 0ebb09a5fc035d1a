"""Finding, checking and loading plugins; a broken one is listed with its error and left out."""

from __future__ import annotations

from evalctl.plugins.info import Loaded, PluginInfo, PluginStatus
from evalctl.plugins.loader import load

__all__ = ["Loaded", "PluginInfo", "PluginStatus", "load"]
