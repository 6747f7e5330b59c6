"""Tables of hazard notices (书面告知)."""

from piccolo.columns import Integer, SmallInt, Text, Timestamptz
from piccolo.constraints import Unique
from piccolo.table import Table

from backend.columns import belongs_to, key, may_belong_to, recorded_at
from backend.people.tables import Account
from backend.registry.tables import Elevator, Firm, Owner
from backend.visits.tables import Finding


class Notice(Table, tablename="notice"):
    """A written notice to the owner about a finding, numbered per firm and year."""

    id = key()
    firm = belongs_to(Firm)
    owner = may_belong_to(Owner)
    elevator = belongs_to(Elevator)
    finding = belongs_to(Finding)
    number = Text(null=False)
    severity = Text(null=False)
    title_zh = Text(null=False)  # the hazard in a line, fit for the public page: no names
    title_en = Text(null=False)
    text_zh = Text(null=False)
    text_en = Text(null=False)
    report_zh = Text()  # draft of the report to the authority; empty where none is due
    report_en = Text()
    issued_at = recorded_at()
    read_at = Timestamptz(null=True, default=None)
    read_by = may_belong_to(Account)
    notice_one_number = Unique([firm, number])
    notice_one_per_finding = Unique([finding])


class NoticeCounter(Table, tablename="notice_counter"):
    """The last number a firm gave out in a year; its row is locked until the notice is written, so no number is lost."""

    firm = belongs_to(Firm)
    year = SmallInt(null=False)
    last = Integer(null=False)
    notice_counter_one_per_year = Unique([firm, year])
