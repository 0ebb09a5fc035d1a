"""Biomedical benchmarks for evalctl."""
