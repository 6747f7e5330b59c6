"""Hazard notices (书面告知) and the inbox."""
