"""Simulated surveys."""

SURVEYS: dict[str, dict] = {}
