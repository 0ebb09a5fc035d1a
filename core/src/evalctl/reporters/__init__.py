"""Run results as people read them."""
