"""Rounds: which crew visits which elevator on which day, in which order, or why not.

Pure: no database, HTTP or environment; time comes in through a clock that the caller may replace, chance through a seed.
The rooms, in the order the data passes them::

    problem  what is asked (the contract) and how a problem file is read, with every fault named
    travel   seconds between all locations, from a matrix or from coordinates
    plan     what is answered, and how a plan file is read and written
    model    the problem as plain indexed arrays; timing  when a route's stops can be done
    construct, search, merge  a first plan, a better one, and the best mix of the routes seen on the way
    stop     when the search ends, and what it tells on the way
    solve    the one entry to all of that; process  the same in a process of its own
    evaluate, rules  every rule again, sharing no code with the search; explain  why a visit was left out
"""
