"""Tables of printed codes."""

from piccolo.columns import UUID, Date, ForeignKey, Integer, SmallInt, Text, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.columns.defaults.uuid import UUID4
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
    batch = UUID(null=False, default=UUID4(), index=True)  # labels minted together; made by the sender, to repeat
    number = Integer(default=1)  # place in the batch, from 1
    zone = Text()  # where in the elevator it hangs, apart from the car: empty = the car's own
    zoned_at = Timestamptz(null=True, default=None)  # when the office moved it to this zone; null = it began there
    state = Text(default="blank")
    state_reason = Text()
    created_at = recorded_at()
    claimed_at = Timestamptz(null=True, default=None)
    ended_at = Timestamptz(null=True, default=None)
    kept_at = Timestamptz(null=True, default=None)  # on the allow-list: valid although its key is retired
    replaced_by: ForeignKey[Table] = ForeignKey("self", null=True, default=None, on_delete=OnDelete.restrict)
    label_state_values = Check("state IN ('blank', 'active', 'revoked', 'replaced')")
    label_zones = Check("zone IN ('', 'machine_room', 'car_top', 'pit')")
    label_claimed = Check("state <> 'active' OR elevator IS NOT NULL")
    label_ended_when = Check("(state IN ('revoked', 'replaced')) = (ended_at IS NOT NULL)")
    label_revoked_why = Check("state <> 'revoked' OR state_reason <> ''")
    label_one_number = Unique([firm, batch, number])
    # One active label a zone: the partial index label_once_per_zone. Cars of older records may have several.


class LabelPrinter(Table, tablename="label_printer"):
    """How far a firm's printer is off, as read off the calibration page."""

    id = key()
    firm = belongs_to(Firm, index=False)
    name = Text(null=False)
    x_tenths = SmallInt(default=0)  # of a millimetre, right positive
    y_tenths = SmallInt(default=0)  # of a millimetre, down positive
    changed_at = recorded_at()
    label_printer_once = Unique([firm, name])
    label_printer_offsets = Check("x_tenths BETWEEN -100 AND 100 AND y_tenths BETWEEN -100 AND 100")


class RefusedScan(Table, tablename="refused_scan"):
    """How often a wrong, revoked, replaced, blank or foreign code was opened, per day and reason; no personal data."""

    id = key()
    day = Date(null=False)
    reason = Text(null=False)
    code_id = Varchar(length=8)  # empty where the code is none of ours
    times = Integer(default=0)
    refused_scan_once_a_day = Unique([day, reason, code_id])
