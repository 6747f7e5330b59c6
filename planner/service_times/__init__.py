"""How long a visit takes: learnt from arrival and departure scans, with shrinkage. Pure."""
