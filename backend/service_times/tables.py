"""Tables of what was learnt of service times: one row per firm, and one per factor."""

from piccolo.columns import UUID, BigSerial, Date, DoublePrecision, Integer, Text
from piccolo.columns.column_types import JSONB
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from backend.columns import belongs_to, recorded_at
from backend.registry.tables import Firm


class ServiceTimeModel(Table, tablename="service_time_model"):
    """What a firm's visits taught, as of one local day."""

    firm = belongs_to(Firm, index=False)
    learnt_on = Date(null=False)
    visits = Integer(null=False)
    left_out = Integer(null=False)  # dwells that were no evidence
    mean_of_rest = DoublePrecision(null=False)
    spread = JSONB(default="{}")  # {"elevator": 0.15, …}: standard deviations of logarithms
    learnt_at = recorded_at()
    service_time_model_once = Unique([firm])


class ServiceTimeFactor(Table, tablename="service_time_factor"):
    """One factor of the model, as a logarithm; computed anew every night."""

    id = BigSerial(primary_key=True)
    firm = UUID(null=False, default=None)
    effect = Text(null=False)
    name = Text(null=False)  # id of an elevator, site or technician; a class or group by its own name
    log = DoublePrecision(null=False)
    sd = DoublePrecision(null=False)
    visits = DoublePrecision(null=False)  # seen, old ones by their weight
    service_time_factor_once = Unique([firm, effect, name])
    service_time_factor_effect_values = Check(
        "effect IN ('all', 'maintenance_class', 'group', 'site', 'elevator', 'technician')"
    )
