"""How long visits take, learnt from a firm's own scans; the rounds plan with it."""
