"""Messages to people: the outbox, the channels, the inbox."""
