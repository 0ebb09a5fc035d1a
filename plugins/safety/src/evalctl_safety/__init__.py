"""Safety benchmarks for evalctl."""
