"""Engines: loading models and asking them. `plugin.py` says which ones come with the core."""
