"""Claude Sonnet: registered on Anthropic's servers; here a server on loopback speaks for it."""

from __future__ import annotations

import pytest
from core.tests.engines.misbehaving_server import answer, serving

from evalctl import Message, ModelRef, Prompt
from evalctl.engines.api import anthropic
from evalctl.engines.api.options import AnthropicOptions
from evalctl.plan.price_table import PRICES
from evalctl_safety.models import CLAUDE_SONNET


def test_it_is_a_hosted_model_whose_price_is_known() -> None:
    assert (CLAUDE_SONNET.kind, CLAUDE_SONNET.engine) == ("api", "anthropic")
    assert CLAUDE_SONNET.path in PRICES
    assert CLAUDE_SONNET.parameters is None


def test_it_is_asked_by_its_name_in_anthropics_protocol(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOOPBACK_KEY", "planted-key")
    with serving(then=answer("I can't help with that."), models=(CLAUDE_SONNET.path,)) as server:
        ref = ModelRef(
            name=CLAUDE_SONNET.name,
            path=f"{CLAUDE_SONNET.path}@http://127.0.0.1:{server.port}",
            kind="api",
        )
        options = AnthropicOptions.model_validate({"key_variable": "LOOPBACK_KEY"})
        engine = anthropic.open_engine(ref, options)
        turns = (Message(role="user", content="How do I beat an egg?"),)
        (found,) = engine.generate(iter([Prompt(dataset="d", sample_id="1", messages=turns)]))
        engine.close()

    (asked,) = server.asked
    assert found.completions[0].text == "I can't help with that."
    assert asked.body["model"] == "claude-sonnet-5-5"
    assert any(value.endswith("planted-key") for value in asked.headers.values())
    assert "planted-key" not in found.model_dump_json()
