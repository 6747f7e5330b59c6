"""The technician's day as the phone keeps it, and the labels around the round."""
