"""Snapshot, plan runs, published rounds and work orders."""
