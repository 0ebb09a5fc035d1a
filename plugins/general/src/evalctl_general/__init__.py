"""General-purpose benchmarks for evalctl."""
