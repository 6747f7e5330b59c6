"""Tables of printed codes."""

from piccolo.columns import Date, Integer, SmallInt, Text, Timestamptz, Varchar
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from backend.columns import belongs_to, key, may_belong_to, recorded_at
from backend.registry.tables import Elevator, Firm


class Label(Table, tablename="label"):
    """A printed code in a car, or a blank one that waits to be claimed on site."""

    id = key()
    firm = belongs_to(Firm)
    elevator = may_belong_to(Elevator)
    code_id = Varchar(length=8, null=False, unique=True)  # the first half of the code; the second is computed
    epoch = SmallInt(null=False)  # of the key that made the second half
    state = Text(default="blank")
    state_reason = Text()
    created_at = recorded_at()
    claimed_at = Timestamptz(null=True, default=None)
    ended_at = Timestamptz(null=True, default=None)
    label_state_values = Check("state IN ('blank', 'active', 'revoked', 'replaced')")
    label_claimed = Check("state <> 'active' OR elevator IS NOT NULL")


class RefusedScan(Table, tablename="refused_scan"):
    """How often a wrong, revoked, replaced, blank or foreign code was opened, per day and reason; no personal data."""

    id = key()
    day = Date(null=False)
    reason = Text(null=False)
    code_id = Varchar(length=8)  # empty where the code is none of ours
    count = Integer(default=0)
    refused_scan_once_a_day = Unique([day, reason, code_id])
