"""Rounds: which crew visits which elevator on which day, in which order, or why not.

Pure: no database, HTTP or environment; time comes in through a clock that the caller may replace, chance through a seed.
The rooms, in the order the data passes them::

    problem, links  what is asked (the contract) and how a problem file is read, with every fault named
    travel          seconds between all locations, from a matrix or from coordinates
    plan            what is answered, and how a plan file is read and written
    model, timing   the problem as plain indexed arrays; when a route's stops can be done
    solution        a plan under construction; insertion  where on it one more visit costs least
    construct       a first plan; search  a better one; pool, merge  the best mix of the routes met on the way
    stop            when a search ends, and what it tells on the way
    scale           the search in parts, by processes or a cluster
    solve           the one entry to all of that; process, worker  the same in a process of its own
    answer          the solution as a plan; explain  why a visit was left out
    kernel          the search compiled; compiling  how that is waited for where there is time
    bound           what any plan costs at least, proved
    evaluate, rules every rule again, sharing no code with the search
"""
