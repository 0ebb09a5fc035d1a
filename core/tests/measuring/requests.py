"""Requests as a level records them, for tests."""

from __future__ import annotations

from evalctl.measurements import MeasuredRequest


def request(finished: float, **changes: object) -> MeasuredRequest:
    """Return a request that ended then: 10 tokens, the first after 0.1 s, all after 1 s."""
    fields = {
        "session": 1,
        "concurrency": 1,
        "dataset": "sums",
        "sample_id": f"{finished}#1",
        "prompt_tokens": 20,
        "output_tokens": 10,
        "first_token_seconds": 0.1,
        "seconds": 1.0,
        "finished_seconds": finished,
    }
    return MeasuredRequest.model_validate({**fields, **changes})
