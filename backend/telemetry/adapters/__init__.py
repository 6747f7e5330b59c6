"""Foreign formats → our records: one small pure file per protocol. See docs/extending.md for how to add one."""
