"""The record: PostgreSQL, domain services, background jobs and the command line."""

import os

# Piccolo finds its engine and its apps through this name; set before any table is used.
os.environ.setdefault("PICCOLO_CONF", "backend.piccolo_conf")
