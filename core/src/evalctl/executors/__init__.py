"""Places where untrusted or unbounded work is done."""
