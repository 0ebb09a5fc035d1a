"""The models: two baselines that ship with the package, and a small model from the hub."""

from __future__ import annotations

from importlib.resources import files

from evalctl import ModelSpec, Preset


def _baseline(name: str, title: str, how: str) -> ModelSpec:
    """Return a baseline whose matrix is in this package."""
    return ModelSpec(
        name=name,
        title=title,
        path=str(files("evalctl_genomics") / "matrices" / f"{name}.json"),
        kind="rule",
        parameters=49,  # four bases at twelve positions, and the threshold
        context_length=1_000_000,
        engine="motif",
        priority="low",
        specialization_weight=1.0,
        licence="CC0-1.0",
        datasets=("promoters",),
        is_embedded=True,
        notice=f"`{name}` is a baseline made by hand and no language model: {how}.",
    )


MODELS = (
    _baseline(
        "sigma70_consensus",
        "Consensus of sigma-70 promoters (baseline)",
        "it counts the bases that agree with TTGACA and TATAAT, 16 to 18 bases apart",
    ),
    _baseline(
        "sigma70_pwm",
        "Weight matrix of sigma-70 promoters (baseline)",
        "it adds up the log-odds of the frequencies that the sequences were drawn from",
    ),
    ModelSpec(
        name="qwen25_1_5b",
        title="Qwen2.5-1.5B-Instruct",
        path="Qwen/Qwen2.5-1.5B-Instruct",
        revision="989aa7980e4cf806f80c7fef2b1adb7bc71aa306",
        is_instruct=True,
        parameters=1_543_714_304,
        context_length=32_768,
        engine="vllm",
        presets={"balanced": Preset(engine="vllm", options={"dtype": "bfloat16"})},
        priority="medium",
        specialization_weight=0.2,
        licence="Apache-2.0",
    ),
)
