"""Mathematical reasoning: models, datasets and the rules by which answers are judged."""
