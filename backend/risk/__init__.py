"""How often a firm's elevators fail: facts from its own history, the nightly fit, forecasts, and the best day for a visit."""
