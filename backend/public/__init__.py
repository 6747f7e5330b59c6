"""What anybody may know of an elevator: its record for passengers, composed of labels, visits, upkeep and notices."""
