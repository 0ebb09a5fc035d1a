"""Efficiency for evalctl: what a point of accuracy costs."""
