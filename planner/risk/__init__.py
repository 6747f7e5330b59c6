"""How often elevators fail: rates with partial pooling, forecasts with intervals, and the best day for a visit. Pure.

`history` holds what happened, `fit` estimates every parameter from it, `forecast` says what is expected, `score` holds
forecasts against what came, `best_day` weighs a visit's day against the faults that are expected. The formulas stand in
docs/risk.md.
"""
