"""Writing code: datasets, models and scorers for evalctl."""
