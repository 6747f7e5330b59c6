"""The office's pages: what a manager of a maintenance firm works with, and what regulators and admins read."""
