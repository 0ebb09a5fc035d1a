"""Packages that `evalctl plugins new` wrote, put on the path as `pip install -e` would do it."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

from tests.conftest import Site


def install(site: Site, package: Path) -> None:
    """Install a package by what its own pyproject.toml says; its module stays where it is."""
    project = tomllib.loads((package / "pyproject.toml").read_text())["project"]
    entries = project["entry-points"]["evalctl"]
    (module,) = entries.values()
    info = site.folder / f"{module}-{project['version']}.dist-info"
    info.mkdir()
    lines = [f"Name: {project['name']}", f"Version: {project['version']}"]
    lines += [f"Requires-Dist: {requirement}" for requirement in project["dependencies"]]
    readme = (package / "README.md").read_text()
    (info / "METADATA").write_text("\n".join(["Metadata-Version: 2.4", *lines, "", readme]))
    named = [f"{name} = {target}" for name, target in entries.items()]
    (info / "entry_points.txt").write_text("\n".join(["[evalctl]", *named, ""]))
    record = {"url": package.as_uri(), "dir_info": {"editable": True}}
    (info / "direct_url.json").write_text(json.dumps(record))
    (site.folder / module).symlink_to(package / module)
