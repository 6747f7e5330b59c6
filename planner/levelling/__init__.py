"""Levelling: on which day every visit of the next weeks to months is best made, before anybody thinks of rounds.

Pure: no database, HTTP or environment; time comes in through a clock that the caller may replace, chance through a seed.
The rooms, in the order the data passes them::

    problem, links  what is asked (`liftrounds/levelling/1`) and how it is read, with every fault named
    calendar        public holidays and working weekends: the struct; calendar_files reads them from text, iCalendar, a country
    prices          what is worth how much, shared by search and answer
    fleet           the problem as plain arrays: teams of crews, units of elevators that are visited together
    classes         which class is due on which day of a chain
    chain           the cheapest chain of visits of one unit against the load of the others, by dynamic programming
    state           load by team and day, and what moving a chain costs; descent  chains against each other until none moves
    exact           CP-SAT over many chains at once; bound  what no chains can cost less than
    shares          who of a team takes which weekend and night
    solve           the one entry to all of that; levels  what is answered
    latest          what happens without levelling, as a yardstick; process  the levelling in a process of its own
    evaluate        every rule again, sharing no code with the search
"""
