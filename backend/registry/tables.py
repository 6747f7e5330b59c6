"""Tables of the register: who maintains which elevator where, for whom, and with whom."""

from piccolo.columns import Array, Boolean, Date, DoublePrecision, Integer, SmallInt, Text, Varchar
from piccolo.columns.column_types import JSONB
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from backend.columns import belongs_to, key, may_belong_to, recorded_at


class Firm(Table, tablename="firm"):
    """A maintenance firm (维保单位): the tenant."""

    id = key()
    name = Text(null=False, unique=True)
    phone_24h = Text()
    licence_number = Text()
    licence_expires_on = Date(null=True, default=None)
    credit_class = Text()  # A..D from the authority's classification (分类监管); empty where there is none
    serious_violation_on = Date(null=True, default=None)  # on the authority's record of serious violations since; null = not
    region = Text(default="CN-ZJ-TZ")
    time_zone = Text(default="Asia/Shanghai")
    rescue_phone = Text(default="96333")
    created_at = recorded_at()


class Owner(Table, tablename="owner"):
    """A using unit (使用单位); its safety officer (安全管理员) confirms visits and gets notices."""

    id = key()
    firm = belongs_to(Firm)
    name = Text(null=False)
    safety_officer = Text()
    phone = Text()
    created_at = recorded_at()
    owner_one_name = Unique([firm, name])


class Site(Table, tablename="site"):
    """A building or place with elevators; positions are WGS-84."""

    id = key()
    firm = belongs_to(Firm)
    owner = may_belong_to(Owner)
    code = Text(null=False)  # the firm's or the register's own key of the building
    name = Text(null=False)
    address = Text()
    district = Text()
    kind = Text()  # residential, office, hospital, mall, hotel, school, station, other
    sector = Text()  # whose supervision (行业主管): education, health, commerce, transport, tourism, housing, other
    lat = DoublePrecision(null=True, default=None)
    lon = DoublePrecision(null=True, default=None)
    access_notes = Text()
    access_hours = JSONB(default="[]")  # [{"from_s": 28800, "to_s": 64800}]: a visit may start inside; [] = any time
    created_at = recorded_at()
    site_one_code = Unique([firm, code])
    site_lat_range = Check("lat BETWEEN -90 AND 90")
    site_lon_range = Check("lon BETWEEN -180 AND 180")


class Contract(Table, tablename="contract"):
    """What a firm and an owner agreed for a time."""

    id = key()
    firm = belongs_to(Firm)
    owner = belongs_to(Owner)
    number = Text(null=False)
    starts_on = Date(null=False)
    ends_on = Date(null=True, default=None)  # the last day, included; null = open end
    on_demand_consent_on = Date(null=True, default=None)  # the owner agreed in writing to on-demand maintenance
    on_demand_withdrawn_on = Date(null=True, default=None)
    insurance_until = Date(null=True, default=None)  # liability insurance, last day included
    demanded_grade = Text()  # the lowest grade of proof that the owner takes without a review, A to C; empty = no demand
    created_at = recorded_at()
    contract_demanded_grades = Check("demanded_grade IN ('', 'A', 'B', 'C')")
    contract_one_number = Unique([firm, number])


class Elevator(Table, tablename="elevator"):
    """An elevator, escalator or dumbwaiter under maintenance."""

    id = key()
    firm = belongs_to(Firm)
    site = belongs_to(Site)
    contract = may_belong_to(Contract)
    registration_code = Varchar(length=40, null=False)  # 设备代码: 20 digits in China, another key elsewhere
    rescue_code = Varchar(length=12)  # 救援识别码: 6 digits in China
    unit_name = Text()  # the number used inside the building, such as "3号楼2号梯"
    bank = Text()  # elevators side by side share a bank name inside their site; empty = alone
    equipment_type = Text(default="traction_or_positive_drive_lift")  # as in the item list of TSG T5002-2017
    manufacturer = Text()
    model = Text()
    product_number = Text()  # 产品编号: the maker's number of this elevator
    use_registration = Text()  # 使用登记证编号
    installed_by = Text()
    drive = Text()
    rated_load_kg = Integer(null=True, default=None)
    rated_speed_mm_s = Integer(null=True, default=None)
    floors = SmallInt(null=True, default=None)
    stops = SmallInt(null=True, default=None)
    doors = SmallInt(null=True, default=None)
    travel_mm = Integer(null=True, default=None)
    in_use_since = Date(null=True, default=None)
    inspection_due_on = Date(null=True, default=None)
    inspected_on = Date(null=True, default=None)
    inspection_body = Text()
    mode = Text(default="fixed")
    rule_pack = Text(default="cn-fixed-15")
    on_demand_filing = Text()  # number of the filing document (备案) of the local scheme
    on_demand_filed_on = Date(null=True, default=None)
    on_demand_gap_days = SmallInt(null=True, default=None)  # days between two visits that the filing names
    on_demand_declared_on = Date(null=True, default=None)  # the firm's self-declaration (自我声明), if not in the filing
    on_demand_target = Text()  # the quality target and promise that is made public
    programme_document = Text()  # the maker's instructions or the maintenance control program, with its edition
    programme_dated_on = Date(null=True, default=None)
    programme_gap_days = SmallInt(null=True, default=None)  # days between two visits that it names
    special_kind = Text()  # firefighter, explosion_proof; empty = an ordinary one
    watch_list = Text()  # three_without (三无), listed_hazard (挂牌督办); empty = on none of the authority's lists
    monitored_since = Date(null=True, default=None)
    state = Text(default="in_use")
    state_reason = Text()
    service_min = SmallInt(null=True, default=None)  # minutes on site, where they differ from the pack's
    skills = Array(base_column=Text(), default=list)
    item_exclusions = JSONB(default="{}")  # {"A-1-05": "no such part"}: items that do not apply, with the reason
    extra = JSONB(default="{}")  # columns of a foreign register that have no place here, kept as given
    created_at = recorded_at()
    elevator_one_code = Unique([firm, registration_code])
    elevator_mode_values = Check("mode IN ('fixed', 'on_demand')")
    elevator_state_values = Check("state IN ('in_use', 'stopped', 'scrapped')")
    elevator_special_kind_values = Check("special_kind IN ('', 'firefighter', 'explosion_proof')")
    elevator_watch_list_values = Check("watch_list IN ('', 'three_without', 'listed_hazard')")


class Technician(Table, tablename="technician"):
    """A maintenance worker (维保人员)."""

    id = key()
    firm = belongs_to(Firm)
    name = Text(null=False)
    badge = Text(null=False)
    phone = Text()
    skills = Array(base_column=Text(), default=list)
    active = Boolean(default=True)
    created_at = recorded_at()
    technician_one_badge = Unique([firm, badge])


class Certificate(Table, tablename="certificate"):
    """A worker's certificate (特种设备作业人员证); code T is needed to maintain elevators."""

    id = key()
    firm = belongs_to(Firm)
    technician = belongs_to(Technician)
    code = Text(null=False)
    number = Text(null=False)
    expires_on = Date(null=False)  # last valid day
    certificate_one_number = Unique([firm, code, number])


class Crew(Table, tablename="crew"):
    """One to n technicians working one round; starts and ends its day at its base."""

    id = key()
    firm = belongs_to(Firm)
    name = Text(null=False)
    base_lat = DoublePrecision(null=False)
    base_lon = DoublePrecision(null=False)
    area = Text()
    active = Boolean(default=True)
    crew_one_name = Unique([firm, name])


class CrewMember(Table, tablename="crew_member"):
    """A technician's place in a crew; a technician works in one crew at a time."""

    id = key()
    firm = belongs_to(Firm)
    crew = belongs_to(Crew)
    technician = belongs_to(Technician)
    starts_on = Date(null=False)
    ends_on = Date(null=True, default=None)  # the last day, included; null = until further notice


class Shift(Table, tablename="shift"):
    """A crew's weekly working hours: seconds after local midnight, both ends included."""

    id = key()
    firm = belongs_to(Firm)
    crew = belongs_to(Crew)
    weekday = SmallInt(null=False)  # 0 = Monday .. 6 = Sunday
    from_s = Integer(null=False)
    to_s = Integer(null=False)
    max_overtime_s = Integer(default=0)
    break_from_s = Integer(null=True, default=None)
    break_to_s = Integer(null=True, default=None)
    break_duration_s = Integer(null=True, default=None)
    shift_one_per_weekday = Unique([crew, weekday])
    shift_hours = Check("from_s >= 0 AND from_s < to_s")


class Absence(Table, tablename="absence"):
    """Days on which a technician does not work; both ends included."""

    id = key()
    firm = belongs_to(Firm)
    technician = belongs_to(Technician)
    starts_on = Date(null=False)
    ends_on = Date(null=False)
    reason = Text()
    absence_days = Check("starts_on <= ends_on")
