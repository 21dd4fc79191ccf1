"""S1: the simulated surveys against the real ones."""
