"""The JSON API: one file per room, each with its `HANDLERS`."""
