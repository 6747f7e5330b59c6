"""Travel times of an installation: which engine is asked, what it answered before, and what to do while it is silent.

The rooms::

    spec       LIFTROUNDS_TRAVEL and --engine as a struct
    engines    the one interface of all engines, and which struct becomes which engine
    down       the one refusal: an engine that cannot be asked
    http       requests that are tried again; tables in tiles that a server takes
    osrm, valhalla   the two protocols; osrm_local  OSRM inside this process, where Python has it
    cache      answers kept per pair of coordinates
    record     what a run of the planner keeps of it
    service    all of it together: travel times for places, whatever happens
    commands   `liftrounds travel`
"""
