"""Intervals: when an elevator must be seen next, which class of maintenance is due, and why.

Pure: no database, HTTP, clock or environment; the day comes in as an argument. The rooms, in the order the data passes them::

    items        the 257 lines of TSG T5002-2017 and the checklists made of them
    rules        rule packs: every limit as data, with clause, source, effective date, region; packs/*.toml
    facts        what is known of one elevator on one day
    eligibility  may this elevator be maintained on demand; fallback  what sends it back to the fixed interval
    wear         the day on which an item's wear budget is used up
    candidates   every rule's last day; due  the one entry: the earliest of them, and the class
    receipt      why: each candidate with clause and source, which one binds, one sentence, what would move it
"""
