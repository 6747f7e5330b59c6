"""`liftrounds demo`: a city, loaded and served by one command. Nothing of the product depends on it."""
