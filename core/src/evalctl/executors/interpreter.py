"""Which files of the host a guest may see: an interpreter, system libraries, some packages."""

from __future__ import annotations

import platform
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from evalctl.executions import Profile
from evalctl.executors import languages

GUEST_FOLDER = "/evalctl"
"""Holds the guest's side of evalctl inside, as the package `guest`."""
SITE = "/site"
"""Where packages lie inside."""


class Bind(NamedTuple):
    """A file or folder of the host, and where it is seen inside, read-only."""

    source: Path
    target: str


def executable() -> Path:
    """Return the interpreter's own file, behind virtual environments and links."""
    base = getattr(sys, "_base_executable", None) or sys.executable
    return Path(base).resolve()


def standard_library() -> Path:
    """Return the folder of the standard library."""
    return Path(sysconfig.get_path("stdlib", vars={"installed_base": sys.base_prefix}))


def hidden() -> tuple[str, ...]:
    """Return folders below the standard library that a guest must not see: installed packages."""
    folders = (standard_library() / name for name in ("site-packages", "dist-packages"))
    return tuple(str(folder) for folder in folders if folder.is_dir())


def zygote(
    executable: str, guest_folder: str, site: str, *, is_bare: bool = True
) -> tuple[str, ...]:
    """Return the command of a zygote without its own arguments.

    Args:
        executable: The interpreter, as it is seen inside.
        guest_folder: Where the package `guest` lies inside.
        site: Where other packages lie inside.
        is_bare: Whether the interpreter's own packages are left out.
    """
    start = f"import sys; sys.path[:0] = [{guest_folder!r}]; sys.path.append({site!r})"
    run = f"{start}; from guest import zygote; zygote.main()"
    bare = ("-S",) if is_bare else ()
    return (executable, "-I", *bare, "-B", "-X", "utf8", "-c", run)


def binds(profile: Profile) -> tuple[Bind, ...]:
    """Return all that is seen inside, in the order in which it is to be mounted."""
    guest = Path(__file__).parent / "guest"
    tools = languages.folders(profile.languages)
    own = [*tools, executable(), standard_library(), *_shared_library(), *_system_libraries()]
    cache = Path("/etc/ld.so.cache")
    return (
        *(Bind(path, str(path)) for path in dict.fromkeys(own)),
        *((Bind(cache, str(cache)),) if cache.exists() else ()),
        Bind(guest, f"{GUEST_FOLDER}/guest"),
        *_package_binds(profile.packages),
    )


def links() -> tuple[tuple[str, str], ...]:
    """Return links of the root folder that a loader follows, as (text, place)."""
    names = ("/lib", "/lib64", "/lib32")
    return tuple((str(Path(name).readlink()), name) for name in names if Path(name).is_symlink())


def _shared_library() -> Iterator[Path]:
    folder, name = sysconfig.get_config_var("LIBDIR"), sysconfig.get_config_var("INSTSONAME")
    if folder and name and (path := Path(folder) / name).exists() and ".so" in name:
        yield path


def _system_libraries() -> Iterator[Path]:
    """Yield the folders of system libraries, the narrowest that the system keeps apart."""
    triplet = sysconfig.get_config_var("MULTIARCH") or f"{platform.machine()}-linux-gnu"
    narrow = Path("/usr/lib") / triplet
    wide = (Path("/usr/lib"), Path("/usr/lib64"))
    for folder in (narrow, Path("/usr/lib64")) if narrow.is_dir() else wide:
        if folder.is_dir():
            yield folder
    for folder in (Path("/lib") / triplet, Path("/lib64")):
        if folder.is_dir() and not Path(f"/{folder.parts[1]}").is_symlink():
            yield folder


def _package_binds(packages: Iterable[str]) -> Iterator[Bind]:
    seen: set[str] = set()
    for name in _with_dependencies(packages):
        for top in _top_level(metadata.distribution(name)):
            if top.name not in seen and top.exists():
                seen.add(top.name)
                yield Bind(top, f"{SITE}/{top.name}")


def _with_dependencies(packages: Iterable[str]) -> Iterator[str]:
    waiting = [canonicalize_name(name) for name in packages]
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        try:
            distribution = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue
        yield name
        for text in distribution.requires or ():
            requirement = Requirement(text)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                waiting.append(canonicalize_name(requirement.name))


def _top_level(distribution: metadata.Distribution) -> Iterator[Path]:
    root = Path(str(distribution.locate_file("")))
    parts = {file.parts[0] for file in distribution.files or () if file.parts}
    for name in sorted(parts):
        if name != ".." and not name.endswith(".pth") and name != "__pycache__":
            yield root / name
