"""Models behind an interface on the network: OpenAI-compatible servers, and Anthropic's.

`engine.py` keeps many requests under way and sees each through; `pacing.py` decides how many,
`retrying.py` whether and when one is sent again. What differs between vendors is in `openai.py` and
`anthropic.py`, the only files that import their libraries; `client.py` says what the engine wants
of them. Keys come from the environment, and `secrets.py` keeps them out of whatever is said.
"""
