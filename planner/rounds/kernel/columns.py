"""Names of the columns of the kernel's tables. Times are seconds, money is in the problem's unit."""

from __future__ import annotations

NEVER = 1 << 60
"""A time that no route reaches (`planner.rounds.model.NEVER_S`)."""
NO_PLACE = 1 << 61
"""Cost of a place where a visit does not fit."""

# visits: row of the location, service, load, bank (-1: none), first allowed start and last allowed start of all (of the
# only window, where there is one), number and row of the first of its windows, from where to where its options, its
# neighbours (nearest first) and the visits of its bank are, the price of leaving it out, and where what is known of its
# options begins; its kind (visits with the same options), and from where to where the groups of duties are that set out
# near by
V_PLACE, V_SERVICE, V_LOAD, V_BANK, V_FIRST, V_LAST, V_WINDOWS, V_WINDOW = range(8)
V_OPTION, V_OPTION_END, V_NEAR, V_NEAR_END, V_MATE, V_MATE_END, V_MISSING, V_KNOWN, V_KIND, V_HOME, V_HOME_END = range(8, 19)
VISIT_COLUMNS = 24
# the same visits as the search moves them: duty (-1: left out), and whether it may not be moved; position in the list of
# those left out (-1: not there). Lists that lie in columns: those left out, those absent in this round and their rank in
# the order in which they come back
M_DUTY, M_FIXED, M_OUT_AT, M_OUT, M_ABSENT, M_RANK = range(6)
MOVED_COLUMNS = 8

# duties: rows of both locations, times, longest duration (NEVER: none), the break (length -1: none), capacity, midnight,
# which variants there are, and whether overtime has a price
D_START, D_END, D_FROM, D_TO, D_LATEST, D_LONGEST, D_REST_FIRST, D_REST_LAST, D_REST = range(9)
D_CAPACITY, D_BEGIN, D_VARIANTS, D_PRICED = range(9, 13)
DUTY_COLUMNS = 16
AS_IS, THEN_LATE, LATE_FIRST = range(3)
"""Ways to see a duty (`planner.rounds.model.Model.variants`): as it is alone, with setting off late second, or first."""
# the same duties as the search uses them: slot of the route, round that touched it last, number of the group of duties that
# are all the same, and whether it differs from the best solution. Lists that lie in columns: duties touched in this round
# and their slots before, duties that differ from the best solution, free slots; and per duty or
# group, the search for a place in which it was looked at last; per group, where its first member without stops may be, and
# from where to where its members are
U_SLOT, U_MARK, U_GROUP, U_DIFFERS, U_TOUCHED, U_BEFORE, U_DIFFERING, U_SEEN, U_FREE, U_MEMBER, U_MEMBER_END = range(11)
USED_COLUMNS = 12

# options, shared by visits of one kind: duty and price
O_DUTY, O_PRICE = range(2)
OPTION_COLUMNS = 2

# routes: stops, load, driving, driving and service, earliest return, whether the clocks reckon with the break, departure
# they begin with, stamp of this state of the route, how many stops share a bank; its price, its options' part of that,
# and the most time between a leave and the latest time of being ready after it: what needs more does not fit
R_STOPS, R_LOAD, R_DRIVE, R_WORK, R_RETURN, R_RESTED, R_FROM, R_STAMP, R_BANKED, R_COST, R_WISHES, R_WIDEST = range(12)
ROUTE_COLUMNS = 12
# lines of a route: its visits, the options they use, the locations passed (start, stops, end), the drives between them
L_STOP, L_OPTION, L_PLACE, L_DRIVE = range(4)
LINES = 4

# gaps of a route, one before every stop and one before its end: earliest leave before and latest time of being ready
# after it with the break taken (1) and to come (0), and the end of the route as a function of being ready after it at t:
# max(t, G_EDGE) + G_AFTER, and the latest departure with which the stops before it can be done, both where no visit has
# several windows and no break is due; the stated start of the stop after it
G_LEAVE1, G_DUE1, G_LEAVE0, G_DUE0, G_EDGE, G_AFTER, G_START, G_DEPART = range(8)
GAP_COLUMNS = 8  # one line of the processor's cache

# lines of the best solution's routes: number of stops and the stops, return and starts (of routes with bank visits)
B_STOP, B_START = range(2)

# prices, the least price of a pinned visit, whether some visit has several windows, whether banks are
# shared, and the unit in which money is counted
P_PER_S, P_SHIFT, P_OVERTIME, P_PINNED, P_SEVERAL, P_BANKS, P_UNIT = range(7)
PRICES = 8

# lines of the draft of one route: visits, drives, starts with the break to come and taken, where the busy times of a stop
# begin, begins and ends of busy times, departures to try
T_STOP, T_DRIVE, T_START0, T_START1, T_BUSY, T_FROM, T_TO, T_TURN = range(8)
DRAFT_LINES = 8

# counters of a search: free slots, visits left out, stamps given, rounds begun, duties touched and visits absent in this
# round, whether it failed, whether a route needs more room, numbers in the notes, duties that differ from the best
# solution, looks until the next one is overlooked, searches for a place, and the cost now and of
# the best solution, how many visits that leaves out, and which visit, plus 1, may take a crew with it in this round that has
# nothing to do yet (0: none)
N_SPARE, N_OUT, N_STAMP, N_ROUND, N_TOUCHED, N_ABSENT, N_FAILED, N_FULL, N_NOTES, N_DIFFERING, N_BLINK, N_CALL = range(12)
N_COST, N_BEST, N_BEST_OUT, N_OPENED = range(12, 16)
COUNTERS = 16

# sizes and chances of the moves, see `planner.rounds.search` and `drive`
K_MEAN, K_LONGEST, K_SPLIT, K_SPLIT_DEPTH, K_BLINK, K_GENEROUS, K_LEFT_OUT, K_ALL, K_NEAR = range(9)
K_TAILS, K_TAILS_GATE, K_WHOLE, K_OPEN = range(9, 13)
MOVES = 13
