"""Documents and charts: questions about images, and who judges the answers."""
