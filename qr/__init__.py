"""Pure label codes, their printing, and proofs of scanning."""
