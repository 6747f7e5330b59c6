"""Per elevator: what was done when, due windows and receipts."""
