from __future__ import annotations

import pytest

from evalctl.executors.remedies import Host, remedy, this_host

FINE = Host(
    system="linux",
    families=("debian",),
    is_container=False,
    is_apparmor_strict=False,
    namespaces=1000,
    is_clone_allowed=True,
)


@pytest.mark.parametrize(
    ("host", "is_installed", "said"),
    [
        (FINE, False, "apt-get install bubblewrap"),
        (FINE._replace(families=("rocky", "rhel", "fedora")), False, "dnf install bubblewrap"),
        (FINE._replace(families=("unheard",)), False, "your system's package `bubblewrap`"),
        (FINE._replace(system="darwin"), False, "need Linux"),
        (FINE._replace(is_container=True), True, "this is a container"),
        (FINE._replace(is_apparmor_strict=True), True, "bwrap-userns-restrict"),
        (FINE._replace(namespaces=0), True, "user.max_user_namespaces"),
        (FINE._replace(is_clone_allowed=False), True, "unprivileged_userns_clone=1"),
        (FINE, True, "see what bubblewrap says"),
    ],
)
def test_each_host_is_told_what_would_help_it(host: Host, is_installed: bool, said: str) -> None:
    assert said in remedy(host, is_installed=is_installed)


def test_the_facts_of_this_machine_are_read() -> None:
    host = this_host()
    assert host.system == "linux"
    assert host.families[0] != ""
