"""Tables of what a visit's evidence is worth: grades in versions, and what managers said about them."""

from piccolo.columns import SmallInt, Text
from piccolo.columns.column_types import JSONB
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from backend.columns import belongs_to, key, may_belong_to, recorded_at
from backend.people.tables import Account
from backend.registry.tables import Firm
from backend.visits.tables import Visit


class VisitGrade(Table, tablename="visit_grade"):
    """The grade of a finished visit; evidence that comes later makes the next version."""

    id = key()
    firm = belongs_to(Firm)
    visit = belongs_to(Visit, index=False)
    version = SmallInt(null=False)  # 1, 2, …
    grade = Text(null=False)
    demanded = Text()  # by the contract when it was made; empty = nothing
    why = Text(null=False)
    checks = JSONB(null=False)  # each question with its answer and reason
    reasons = JSONB(null=False)  # the questions that keep the grade from being higher
    made_at = recorded_at()
    visit_grade_one_version = Unique([visit, version])
    visit_grade_values = Check("grade IN ('A', 'B', 'C', 'D')")
    visit_grade_demanded_values = Check("demanded IN ('', 'A', 'B', 'C')")
    visit_grade_why_values = Check("why IN ('departure', 'telemetry', 'late_entries', 'correction')")


class VisitReview(Table, tablename="visit_review"):
    """One step in the review of a visit; the newest one holds."""

    id = key()
    firm = belongs_to(Firm)
    visit = belongs_to(Visit, index=False)
    step = SmallInt(null=False)  # 1, 2, …
    state = Text(null=False)
    grade_version = SmallInt(null=False)  # the grade that was looked at
    decided_by = may_belong_to(Account)  # null = the system put it into the queue, or took it out
    note = Text()
    decided_at = recorded_at()
    visit_review_one_step = Unique([visit, step])
    visit_review_states = Check("state IN ('none', 'waiting', 'accepted', 'disputed')")
    visit_review_noted = Check("state <> 'disputed' OR note <> ''")
