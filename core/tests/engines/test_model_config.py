"""A config.json that cannot be read is only unknown: local_model.py says what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from evalctl.engines.model_config import find_model, read_config, weight_bytes


def test_a_folder_is_found_and_read(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"num_hidden_layers": 2}')
    assert find_model(str(tmp_path), None) == tmp_path
    assert read_config(tmp_path) == {"num_hidden_layers": 2}


def test_a_snapshot_in_the_hubs_cache_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    snapshot = tmp_path / "models--org--model" / "snapshots" / "abc"
    snapshot.mkdir(parents=True)
    (snapshot / "config.json").write_text("{}")
    assert find_model("org/model", "abc") == snapshot
    assert find_model("org/model", "def") is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"not json",
        b"\xff\xfe",
        b'{"a": ' + b"[" * 100_000,
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"a": "' + b"x" * (5 << 20) + b'"}',
    ],
    ids=["empty", "list", "text", "bytes", "deep", "digits", "large"],
)
def test_what_cannot_be_read_is_unknown(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "config.json").write_bytes(content)
    assert read_config(tmp_path) is None


@pytest.mark.parametrize("path", ["no/such/model/here", "org/never-seen", "a\0b"])
def test_a_path_that_leads_nowhere_is_unknown(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", "/nonexistent")
    assert find_model(path, None) is None


def test_weights_that_lie_there_twice_count_once(tmp_path: Path) -> None:
    assert weight_bytes(tmp_path) is None
    (tmp_path / "pytorch_model.bin").write_bytes(b"x" * 30)
    assert weight_bytes(tmp_path) == 30
    (tmp_path / "a.safetensors").write_bytes(b"x" * 10)
    (tmp_path / "b.safetensors").write_bytes(b"x" * 20)
    assert weight_bytes(tmp_path) == 30
