"""Rounds: snapshot of what is due, runs of the planner, published rounds and work orders."""
