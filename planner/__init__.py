"""Pure planning: usage and faults become due windows, due windows become rounds."""
