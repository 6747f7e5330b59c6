"""The clock of recurring jobs and the durable queue."""
