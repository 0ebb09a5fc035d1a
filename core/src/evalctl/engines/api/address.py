"""`NAME@URL`: which model, on which server, and with which key. Nothing is sent from here."""

from __future__ import annotations

import os
from typing import NamedTuple
from urllib.parse import urlsplit

from evalctl.errors import ModelError
from evalctl.protocols import ModelFacts, ModelRef

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Vendor(NamedTuple):
    """Who a protocol is named after."""

    engine: str
    """Name of the engine."""
    url: str
    """Of its own server."""
    key_variable: str
    """Environment variable that holds the key for it."""


OPENAI = Vendor("openai", "https://api.openai.com/v1", "OPENAI_API_KEY")
ANTHROPIC = Vendor("anthropic", "https://api.anthropic.com", "ANTHROPIC_API_KEY")


def check(model: ModelRef, key_variable: str, vendor: Vendor) -> ModelFacts:
    """Look at a model's address and key without sending anything.

    Raises:
        ModelError: The address is none, or the key is missing.
    """
    find_key(Address.read(model, vendor), vendor, key_variable)
    return ModelFacts(architecture=f"a server that speaks {vendor.engine}'s protocol")


class Address(NamedTuple):
    """A model on a server."""

    model: str
    """As the server calls it."""
    url: str
    """Of the server, without what follows for single requests."""
    is_vendors: bool
    """Whether the server is the vendor's own."""

    @classmethod
    def read(cls, model: ModelRef, vendor: Vendor) -> Address:
        """Return what a model's path means.

        Raises:
            ModelError: It is not of the form `NAME` or `NAME@URL`, or holds a secret.
        """
        name, mark, url = split_path(model.path)
        where = f"model {vendor.engine}:{name}"
        if not name:
            raise ModelError(f"{where}: write {vendor.engine}:NAME or {vendor.engine}:NAME@URL")
        if not mark:
            return cls(name, vendor.url, is_vendors=True)
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname, parts.port
        except ValueError as error:
            raise ModelError(f"{where}: what stands behind @ is not a URL: {error}") from None
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ModelError(
                f"{where}: its URL has more than host and path; a key belongs into the "
                "environment, and key_variable says into which variable"
            )
        if not host or any(character.isspace() for character in url):
            raise ModelError(f"{where}: {url!r} is not the URL of a server")
        if parts.scheme == "http" and host not in _LOOPBACK:
            return cls(name, url.rstrip("/"), is_vendors=False)
        return cls(name, url.rstrip("/"), is_vendors=host == urlsplit(vendor.url).hostname)

    @property
    def host(self) -> str:
        """Of the server, with its port."""
        return urlsplit(self.url).netloc


def split_path(path: str) -> tuple[str, str, str]:
    """Return the name of a model, `@` where an address follows, and the address."""
    for scheme in ("https://", "http://"):
        name, mark, rest = path.partition(f"@{scheme}")
        if mark:
            return name, mark, scheme + rest
    return path, "", ""


def find_key(address: Address, vendor: Vendor, key_variable: str) -> str:
    """Return the key for a server; empty where none is wanted.

    The vendor's own variable is read for the vendor's own host alone: a key is never sent to a
    server that it was not made for.

    Raises:
        ModelError: It is not in the environment.
    """
    variable = key_variable or (vendor.key_variable if address.is_vendors else "")
    if not variable:
        return ""
    key = os.environ.get(variable, "").strip()
    if not key:
        raise ModelError(f"{vendor.engine}: {variable} is not set; it must hold the server's key")
    if not key.isascii() or not key.isprintable():
        raise ModelError(f"{vendor.engine}: {variable} holds characters that no key has")
    return key
