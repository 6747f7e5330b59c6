"""The ways out of the house; each returns an `Outcome` and raises nothing for what a gateway may do."""
