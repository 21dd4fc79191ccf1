"""Head to head: every method on the same stars, by one protocol (notebook 06)."""
