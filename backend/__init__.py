"""The record: PostgreSQL, domain services, background jobs and the command line."""

