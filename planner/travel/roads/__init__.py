"""Travel times over a road graph of an OpenStreetMap extract: read, contracted, searched and calibrated here.

The rooms, in the order the data passes them::

    tags      what a way's tags mean to a van
    read      an extract (.osm.pbf) as ways and turn rules
    strands   ways drawn together from junction to junction
    graph     directed edges and turns as arrays; cache  the same beside the extract
    snap      the point of the network nearest to a place
    search    Dijkstra over edges, compiled
    pace      what driving costs beside the tags' speeds, and how it is fitted to measured times
    engine    all of it as a source of travel times

Left out: rules that hold at some hours only, turn rules over a way instead of a node, traffic by time of day, lanes.
"""
