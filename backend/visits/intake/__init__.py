"""Intake: what phones signed becomes visits; what cannot be applied is held, never lost."""
