"""Levelling for a firm: its calendar, runs over the next two months, and the target days that come out."""
