"""What would make bubblewrap work on a host that refuses it.

Source: bubblewrap's issue 632 (Ubuntu's AppArmor profile) and 505 (containers);
Documentation/admin-guide/sysctl/user.rst of the kernel; Debian's kernel.unprivileged_userns_clone.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

_INSTALL = {
    "debian": "apt-get install bubblewrap",
    "ubuntu": "apt-get install bubblewrap",
    "fedora": "dnf install bubblewrap",
    "rhel": "dnf install bubblewrap",
    "suse": "zypper install bubblewrap",
    "arch": "pacman -S bubblewrap",
    "alpine": "apk add bubblewrap",
}


class Host(NamedTuple):
    """What decides whether namespaces can be made."""

    system: str
    """`sys.platform`."""
    families: tuple[str, ...]
    """The distribution and those that it is like, of /etc/os-release."""
    is_container: bool
    is_apparmor_strict: bool
    """Whether AppArmor keeps unprivileged programs from making user namespaces."""
    namespaces: int | None
    """user.max_user_namespaces; None where there is no such setting."""
    is_clone_allowed: bool
    """Debian's own switch."""


def this_host() -> Host:
    """Return the facts of this machine; what cannot be read is taken as harmless."""
    release = platform.freedesktop_os_release() if Path("/etc/os-release").exists() else {}
    return Host(
        system=sys.platform,
        families=_families(release),
        is_container=_is_container(),
        is_apparmor_strict=_setting("kernel/apparmor_restrict_unprivileged_userns") == 1,
        namespaces=_setting("user/max_user_namespaces"),
        is_clone_allowed=_setting("kernel/unprivileged_userns_clone") != 0,
    )


def remedy(host: Host, *, is_installed: bool) -> str:
    """Return what to do so that bubblewrap works, in one or two sentences."""
    if not host.system.startswith("linux"):
        return "sandboxes need Linux; on another system run evalctl in a Linux machine or in WSL 2"
    if not is_installed:
        command = next((_INSTALL[name] for name in host.families if name in _INSTALL), None)
        named = f"`{command}`" if command else "install your system's package `bubblewrap`"
        return f"{named}, or `pip install 'evalctl[sandbox]'`"
    if host.is_container:
        return (
            "this is a container that may not make namespaces: run evalctl outside of it, or start "
            "it with seccomp=unconfined, apparmor=unconfined and systempaths=unconfined (each a "
            "`--security-opt`) if you trust what else runs in it"
        )
    if host.is_apparmor_strict:
        return (
            "AppArmor keeps programs from making user namespaces here: copy "
            "/usr/share/apparmor/extra-profiles/bwrap-userns-restrict to /etc/apparmor.d and load "
            "it with `apparmor_parser -r`, or "
            "`sysctl kernel.apparmor_restrict_unprivileged_userns=0`"
        )
    if host.namespaces == 0:
        return "user namespaces are switched off: `sysctl user.max_user_namespaces=15000`"
    if not host.is_clone_allowed:
        return "user namespaces are switched off: `sysctl kernel.unprivileged_userns_clone=1`"
    return "see what bubblewrap says; user namespaces may be switched off for this user"


def _families(release: Mapping[str, str]) -> tuple[str, ...]:
    return (release.get("ID", ""), *release.get("ID_LIKE", "").split())


def _is_container() -> bool:
    marks = (Path("/.dockerenv"), Path("/run/.containerenv"))
    return any(mark.exists() for mark in marks) or "KUBERNETES_SERVICE_HOST" in os.environ


def _setting(name: str) -> int | None:
    try:
        return int(Path("/proc/sys", name).read_text())
    except (OSError, ValueError):
        return None
