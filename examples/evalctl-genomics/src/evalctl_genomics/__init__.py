"""Genomics for evalctl: promoters in DNA, and small programs on sequences."""
