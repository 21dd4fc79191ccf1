"""The registry of real surveys: data only.

For each: what it is, its bands and classes, whom to cite, how to get it.
"""

SURVEYS: dict[str, dict] = {}
