"""The same elevators with the same luck under several rule packs: what each needs, and what breaks under it.

`replay` drives one elevator through one pack with the rules that the product itself uses, told only what a monitor and
visits tell; `referee` judges what came of it with code of its own; `figures` adds up, with intervals.
"""
