"""Rule packs compared on the same elevators: the command that runs `planner.backtest`."""
