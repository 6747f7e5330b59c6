"""The numbers of confirmations without an account, each with its reason."""

from __future__ import annotations

from datetime import timedelta

CODE_LIFE = timedelta(days=7)
"""How long a code opens the record: a safety officer who is away comes back within a week; later the account is the way.

A code that brought an answer opens the record for as long again after each correction: the technician may be far away by then.
"""

PASSWORD_DIGITS = 6
PASSWORD_LIFE = timedelta(minutes=5)
"""Text messages come within a minute; the shorter a password lives, the less a guess or a borrowed phone is worth."""

MOST_WRONG = 5
"""Wrong digits before a password is dead: people mistype once or twice, and 5 of 10^6 is a chance of 1 in 200 000."""

COUNTED = timedelta(days=1)
"""Span over which messages and wrong digits of a visit and of a number are counted."""

MOST_WRONG_OF_VISIT = 10
"""Wrong digits for one visit a day: a chance of 1 in 100 000."""

MOST_WRONG_OF_NUMBER = 20
"""Wrong digits for one number a day, so that many visits are no way around the limit of one."""

RESEND_PAUSE = timedelta(seconds=60)
"""Before another message: a network that is slow gets its minute, and nobody's phone is made to ring."""

MOST_SENT_OF_VISIT = 5
"""Messages for one visit a day: two that got lost, one that was mistyped, and one more person who is asked."""

MOST_SENT_OF_NUMBER = 40
"""Messages to one number a day: an estate with 40 elevators can sign them all on one day without remembering a phone."""

MOST_SENT_OF_CLIENT = 60
"""Messages asked for from one address a day: an office building is one address."""

COOLING = timedelta(days=1)
"""How long a number must stand in the register before it gets passwords, unless it came together with the elevator itself.

Whoever can change the register could otherwise enter a number to suit the visit at hand. A day is enough for the former number,
the owner's accounts and the firm's managers, who are all told, to object; it is short enough for a new safety officer to sign
with a code of the same week.
"""

ONE_VISIT = timedelta(minutes=20)
"""How long a phone that was not remembered may decide after its password: time to read a record."""

KNOWN_LIFE = timedelta(days=90)
"""How long a remembered phone needs no password: mobile numbers are handed on to others about three months after their end."""

FORGET_PASSWORDS = timedelta(days=30)
"""Passwords, dead since minutes, are kept that long for questions about who was sent what, then removed."""

FORGET_PHONES = timedelta(days=400)
"""Known phones that ended are listed for a little more than a year."""

MOST_TOKENS = 6
"""Owners that one phone is known to: a safety officer may look after several buildings."""

CLIENT_LENGTH = 120
"""Characters kept of what a browser calls itself: enough to know it again in the list of known phones."""
