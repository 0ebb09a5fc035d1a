"""What runs inside a sandbox. Nothing here imports evalctl, and evalctl imports nothing of it."""
