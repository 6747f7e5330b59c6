"""Today: what becomes of a published plan when the day goes another way, with as few changes as possible.

Pure: no database, HTTP or environment; the present time is part of the question, the time to search comes in as a
`planner.rounds.stop.Stop`. The rooms, in the order the data passes them::

    asked       the question: progress so far and what has happened, and how its file is read, with every fault named
    standing    where every crew stands now; the past and what is under way are cut off here and never change
    events      the problem and the plan as they are after what has happened: who is out, what is closed, what was set free
    rest        the rest of the days as an ordinary problem of `planner.rounds`; join  its answer joined to what is frozen
    mend        sets what was set free down elsewhere: at once by insertion, then by a few seconds of search
    options     the best places for an emergency, crew by crew, a crew that is driving included
    changes     the exact difference of two plans; words  one sentence per crew and visit in Chinese and English
    moves       changes that people wish for: another order, swaps; breaches  what stands against one, named
    answer      what is answered, as structs and as a file
    repair      the one entry to all of that; process  the same with the search in a process of its own
"""
