"""What the office sees first: counts over all rooms, and what is missing."""
