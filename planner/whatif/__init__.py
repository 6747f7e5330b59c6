"""What if: the same fleet and dates under other rules, planned by the same planner with the same effort, and counted.

Pure: whoever calls gives the facts, and turns what is due in a week into a problem of rounds. The rooms::

    policies  a rule pack and a mode, and what an elevator's facts are under it
    rolling   week after week: due windows, rounds, visits made, which move the next windows
    result    visits, hours, kilometres, CO₂, days overdue, with their spread over seeds
    co2       the factor from kilometres to CO₂, dated and sourced: co2.toml
"""
