"""The tamper-evident log of finished records: appending, checkpoints, proofs, the daily check (docs/log.md)."""
