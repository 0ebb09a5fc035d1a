"""Builds the documentation site: `python -m docs.building` writes it to `build/docs`.

Hand-written pages are plain Markdown that reads well in the repository, too; what the site adds is
made here, and nothing of it is kept: navigation (`navigation.py`), the reference of the public API
(`reference.py`, out of what `declared.py` reads) and of the command line (`commands.py`).
"""
