"""Technicians' phones: invitations, enrolment, revocation, server times, and the chains of what they signed."""
