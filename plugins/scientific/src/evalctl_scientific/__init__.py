"""Scientific benchmarks for evalctl."""
