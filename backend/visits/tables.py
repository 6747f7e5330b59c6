"""Tables of visits: scans, the checklist's answers, findings, the finished record and the owner's decision."""

from piccolo.columns import UUID, Array, Boolean, DoublePrecision, Integer, SmallInt, Text, Timestamptz
from piccolo.columns.column_types import JSONB
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from backend.columns import belongs_to, key, may_belong_to, recorded_at
from backend.labels.tables import Label
from backend.people.tables import Account
from backend.registry.tables import Elevator, Firm, Owner, Technician
from backend.rounds.tables import WorkOrder


class Visit(Table, tablename="visit"):
    """Work on one elevator, from the arrival scan on; without a departure scan it stays open and never counts."""

    id = key()  # made by the sender, so that a repeated request is the same visit
    firm = belongs_to(Firm)
    elevator = belongs_to(Elevator)
    work_order = may_belong_to(WorkOrder)  # null = an unscheduled visit
    planned = Text(default="unplanned")  # whose round, and when, had asked for it
    maintenance_class = Text(null=False)
    rule_pack = Text(null=False)  # the pack whose demands the visit was held to
    technician = belongs_to(Technician)
    second_technician = may_belong_to(Technician)
    state = Text(default="open")
    opened_at = recorded_at()
    arrived_at = Timestamptz(null=False)  # the phone's clock, but never later than the server heard of it
    departed_at = Timestamptz(null=True, default=None)
    closed_reason = Text()  # why it was abandoned
    asked = JSONB(null=True, default=None)  # items in their order, with the reasons; null = the class in the order of the annex
    outcome = JSONB(null=True, default=None)  # what the departure changed, told again to a repeated request
    withdrawn = Text()  # the reason if a correction said that the visit does not count; empty = it counts
    confirmation = Text(default="pending")  # of the newest version of the record
    grade = Text()  # the newest grade of its evidence; empty before the departure
    review = Text(default="none")  # where its review stands
    held_back = Boolean(default=False)  # graded D and not accepted: does not count yet
    visit_state_values = Check("state IN ('open', 'finished', 'abandoned')")
    visit_departed = Check("(state = 'finished') = (departed_at IS NOT NULL)")
    visit_confirmation_values = Check("confirmation IN ('pending', 'confirmed', 'refused')")
    visit_planned_values = Check("planned IN ('own_round', 'other_crew', 'other_day', 'unplanned')")
    visit_grades = Check("grade IN ('', 'A', 'B', 'C', 'D')")
    visit_reviews = Check("review IN ('none', 'waiting', 'accepted', 'disputed')")
    visit_two_people = Check("second_technician <> technician")


class Scan(Table, tablename="scan"):
    """One scan of a label during a visit."""

    id = key()  # made by the sender
    firm = belongs_to(Firm)
    visit = belongs_to(Visit)
    label = belongs_to(Label)
    technician = belongs_to(Technician)
    kind = Text(null=False)
    at = Timestamptz(null=False)  # the phone's clock, as sent
    received_at = recorded_at()
    clock_ahead_s = Integer(default=0)  # how far the phone's clock was ahead when the scan was received
    source = Text(default="camera")
    zone = Text()  # which zone the technician said; empty for the car
    label_zone = Text()  # the zone that the label itself was for; empty = the car's label
    lat = DoublePrecision(null=True, default=None)
    lon = DoublePrecision(null=True, default=None)
    accuracy_m = DoublePrecision(null=True, default=None)
    place = Text()  # passed, failed or skipped: kept when the position is forgotten after the pack's period
    distance_band = Text()  # how far from the elevator, such as "50-150" metres: kept likewise
    position_forgotten_at = Timestamptz(null=True, default=None)
    request_sha256 = Text()  # of the request that sent it: the same id with other content is refused
    scan_kinds = Check("kind IN ('arrival', 'departure', 'zone', 'join', 'leave')")
    scan_sources = Check("source IN ('camera', 'typed', 'link', 'gallery')")
    scan_zones = Check("zone IN ('', 'machine_room', 'car_top', 'pit')")
    scan_label_zones = Check("label_zone IN ('', 'machine_room', 'car_top', 'pit')")
    scan_places = Check("place IN ('', 'passed', 'failed', 'skipped')")
    # One arrival and one departure a visit: the partial index scan_once_per_kind.


class ItemResult(Table, tablename="item_result"):
    """The answer to one checklist item; changes until the departure."""

    firm = belongs_to(Firm)
    visit = belongs_to(Visit)
    item = Text(null=False)
    result = Text(null=False)
    measured = DoublePrecision(null=True, default=None)
    unit = Text()
    note = Text()
    special_checks = Array(base_column=Text(), default=list)  # checks with an interval of their own made with the item
    answered_at = recorded_at()
    item_result_once = Unique([visit, item])
    item_result_result_values = Check("result IN ('ok', 'adjusted', 'replaced', 'finding', 'not_applicable')")


class Finding(Table, tablename="finding"):
    """Something wrong with an elevator; open until it is closed with a reason."""

    id = key()  # made by the sender
    firm = belongs_to(Firm)
    elevator = belongs_to(Elevator)
    visit = may_belong_to(Visit)
    technician = may_belong_to(Technician)
    item = Text()
    severity = Text(null=False)
    stop_use_condition = Text()  # key of the pack's list (GB 45067-2024); only with severity stop_use
    description = Text(null=False)
    place = Text()  # where in the elevator
    proposal = Text()  # what the firm proposes to do
    request_sha256 = Text()  # of the request that sent it: the same id with other content is refused
    found_at = recorded_at()
    closed_at = Timestamptz(null=True, default=None)
    closed_by = may_belong_to(Account)
    closed_reason = Text()
    finding_severity_values = Check("severity IN ('general', 'serious', 'stop_use')")
    finding_condition_named = Check("(severity = 'stop_use') = (stop_use_condition <> '')")
    finding_closed_why = Check("(closed_at IS NOT NULL) = (closed_reason <> '')")


class VisitRecord(Table, tablename="visit_record"):
    """A finished visit as it is kept: written once, a correction is a new version with a reason."""

    id = key()
    firm = belongs_to(Firm)
    visit = belongs_to(Visit)
    version = SmallInt(null=False)  # 1, 2, …
    reason = Text()  # why it was corrected; empty for version 1
    body = JSONB(null=False)
    sha256 = Text(null=False)  # of the body's canonical JSON
    written_by = may_belong_to(Account)
    written_at = recorded_at()
    visit_record_one_version = Unique([visit, version])


class OwnerDecision(Table, tablename="owner_decision"):
    """What the owner's safety officer said about one version of a record."""

    id = key()
    firm = belongs_to(Firm)
    visit = belongs_to(Visit)
    version = SmallInt(null=False)
    decision = Text(null=False)
    reason = Text()  # why it was refused
    decided_by = may_belong_to(Account)  # null = without an account, by a phone that proved the owner's number
    decided_at = recorded_at()
    how = Text(default="account")
    owner = may_belong_to(Owner)  # whose number it was; null with an account, which says it itself
    number_tail = Text()  # last digits of the number
    known_phone = UUID(null=True, default=None)  # no foreign key: a phone's row is forgotten some time after it ended
    owner_decision_once_per_version = Unique([visit, version])
    owner_decision_how_values = Check("how IN ('account', 'one_time_password', 'known_phone')")
    owner_decision_by_whom = Check(
        "CASE WHEN how = 'account' THEN decided_by IS NOT NULL"
        " ELSE decided_by IS NULL AND owner IS NOT NULL AND number_tail <> '' END"
    )
    owner_decision_values = Check("decision IN ('confirmed', 'refused')")
    owner_decision_refused_why = Check("(decision = 'refused') = (reason <> '')")
