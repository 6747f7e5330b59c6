"""Table of when an elevator's telemetry was last looked at for a visit."""

from piccolo.columns import Timestamptz
from piccolo.constraints import Unique
from piccolo.table import Table

from backend.columns import belongs_to, key
from backend.registry.tables import Firm
from backend.visits.tables import Visit


class VisitLook(Table, tablename="visit_look"):
    """Telemetry that came before this instant has had its say about the visit; one row per visit that was looked at again."""

    id = key()
    firm = belongs_to(Firm)
    visit = belongs_to(Visit, index=False)
    looked_at = Timestamptz(null=False, default=None)
    visit_look_once = Unique([visit])
