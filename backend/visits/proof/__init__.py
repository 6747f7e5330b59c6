"""Proof of a visit: evidence, grades, reviews' ground, what is forgotten, telemetry that comes late."""
