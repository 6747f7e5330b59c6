"""Accounts, roles, sessions and device keys."""
