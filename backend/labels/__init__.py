"""Printed codes: minted, claimed on site, revoked, replaced."""
