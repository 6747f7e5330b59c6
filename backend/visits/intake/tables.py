"""Tables of what phones hand in: photos, parts, and what became of each entry of a phone's chain."""

from piccolo.columns import UUID, BigInt, Boolean, Integer, SmallInt, Text, Timestamptz
from piccolo.columns.column_types import JSONB
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from backend.columns import belongs_to, key, may_belong_to, recorded_at
from backend.people.tables import Account
from backend.registry.tables import Elevator, Firm, Technician
from backend.visits.tables import Visit


class Photo(Table, tablename="photo"):
    """A photo that an entry of a phone declared; its content comes later, or never."""

    id = key()  # made by the phone
    firm = belongs_to(Firm)
    technician = belongs_to(Technician)
    visit = may_belong_to(Visit)  # once its entry was applied
    claimed_visit = UUID(null=True, default=None, index=True)  # what the entry said, whether there is such a visit or not
    item = Text()
    use = Text(default="item")
    subject = UUID(null=True, default=None)  # the finding or part that it shows
    sha256 = Text(null=False)  # of the file as the phone declared it
    bytes = Integer(null=False)
    width_px = Integer(null=False)
    height_px = Integer(null=False)
    taken_at = Timestamptz(null=False)  # the phone's clock
    source = Text(default="camera")
    declared_at = recorded_at()
    received_at = Timestamptz(null=True, default=None)  # null = the content has not come
    stored_sha256 = Text()  # of the file as it is kept: without metadata
    media_type = Text()
    forgotten_at = Timestamptz(null=True, default=None)  # when the content was deleted after its time
    phash = BigInt(null=True, default=None)  # 64 bits, two's complement; null = too plain to tell pictures apart by it
    band_0 = Integer(null=True, default=None)  # bits 0–15 of it
    band_1 = Integer(null=True, default=None)
    band_2 = Integer(null=True, default=None)
    band_3 = Integer(null=True, default=None)
    reuse_of = UUID(null=True, default=None)  # an earlier photo of another visit that this one repeats
    reuse_bits = SmallInt(null=True, default=None)  # in how many of the 64 bits they differ; 0 also for the very same file
    reuse_same_file = Boolean(default=False)
    photo_uses = Check("use IN ('item', 'finding', 'part_before', 'part_after')")
    photo_sources = Check("source IN ('camera', 'gallery')")
    photo_sizes = Check("bytes > 0 AND width_px > 0 AND height_px > 0")


class PartUsed(Table, tablename="part_used"):
    """A part that was fitted during a visit."""

    id = key()  # made by the phone
    firm = belongs_to(Firm)
    visit = belongs_to(Visit)
    elevator = belongs_to(Elevator)
    technician = belongs_to(Technician)
    item = Text()
    name = Text(null=False)
    quantity = Integer(default=1)
    serial_removed = Text()
    serial_fitted = Text()
    photo_before = UUID(null=True, default=None)  # by id: the photo may be declared by another entry
    photo_after = UUID(null=True, default=None)
    fitted_at = Timestamptz(null=False)
    part_used_quantity = Check("quantity BETWEEN 1 AND 10000")


class IntakeEntry(Table, tablename="intake_entry"):
    """What became of one entry of a phone's chain."""

    id = key()
    firm = belongs_to(Firm)
    phone = UUID(null=False)
    technician = belongs_to(Technician)
    seq = BigInt(null=False)
    sha256 = Text(null=False)  # of the entry's payload
    kind = Text(null=False)
    visit = UUID(null=True, default=None, index=True)  # named by the entry, or found by elevator and time
    elevator = may_belong_to(Elevator)  # of the scanned label
    at = Timestamptz(null=False)  # the phone's clock
    state = Text(default="waiting")
    reason = JSONB(null=True, default=None)  # why it is held: a sentence's template and the values of its places
    faults = JSONB(default=list)
    received_at = recorded_at()
    tried_at = Timestamptz(null=True, default=None)
    by_hand = Boolean(default=False)  # a manager had it applied although the phone or its chain is not trusted
    settled_by = may_belong_to(Account)
    settled_reason = Text()  # why the office left out what could not be applied
    intake_entry_once = Unique([phone, sha256])
    intake_entry_states = Check("state IN ('waiting', 'applied', 'held', 'kept', 'refused', 'settled')")
    intake_entry_settled_why = Check("(state = 'settled') = (settled_reason <> '')")
