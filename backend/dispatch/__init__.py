"""Entrapment dispatch (困人救援): whom to ring, who goes, and the clock of the rescue."""
