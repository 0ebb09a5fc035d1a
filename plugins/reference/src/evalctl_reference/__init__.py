"""The reference model that ships with evalctl: a demonstration, no measure of any real model."""
