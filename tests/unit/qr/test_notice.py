"""The notice in the car: it reads, says everything, and nothing overflows."""

from collections.abc import Callable
from datetime import date
from random import Random

import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from qr import code, keys, notice
from qr.errors import PrintError
from qr.notice import Notice

HOST = "https://liftrounds.example"
RANDOM_BYTES = Random(4).randbytes  # noqa: S311 - repeatable on purpose
CODE = code.mint(keys.generate(RANDOM_BYTES), RANDOM_BYTES)

USUAL = Notice(
    code=CODE,
    rescue_number="96333",
    rescue_code="310234",
    unit="市民广场 3号楼 1号梯",
    owner="台州市椒江区市民广场物业管理有限公司",
    firm="台州市安达电梯工程有限公司",
    firm_phone="0576-8888 1234",
    registration_code="31103310022015030001",
    next_inspection=date(2026, 11, 24),
)
LONG_CHINESE = Notice(
    code=CODE,
    rescue_number="0576-96333-119",
    rescue_code="1234567890",
    unit="台州市椒江区云西路人才大厦南楼地下车库至二十八层客货两用电梯" * 2,
    owner="台州市椒江区市民广场商业综合体及地下停车场第三期业主大会业主委员会" * 3,
    firm="浙江省台州市椒江区超长名称电梯安装维修改造与智能化工程技术服务股份有限公司第二分公司" * 3,
    firm_phone="+86 (0576) 8888-1234 转 998877",
    registration_code="31103310022015030001",
    next_inspection=date(2026, 11, 24),
)
LONG_ENGLISH = Notice(
    code=CODE,
    rescue_number="1-800-555-0199 ext. 20",
    unit="Grand Central Tower and the Helmsley Building North Annex, Freight Elevator P-12, Lobby Level B " * 3,
    owner="Metropolitan Real Estate Holding Company of the Greater New York Area, Limited Liability Partnership " * 4,
    firm="Vertical-Transportation-Maintenance-and-Modernization-Incorporated-of-Delaware-and-New-Jersey " * 3,
    firm_phone="+1 (212) 555-0199 extension 99887",
    registration_code="1P12345",
)
BARE = Notice(code=CODE, rescue_number="911")

every_notice = pytest.mark.parametrize(
    "printed", [USUAL, LONG_CHINESE, LONG_ENGLISH, BARE], ids=["usual", "long-zh", "long-en", "bare"]
)


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    text = "".join(str(page.get_textpage().get_text_range()) for page in document)
    document.close()
    return text.replace("\ufffe", "-").replace("\r\n", "\n")  # pdfium marks a hyphen at a line's end so


@every_notice
def test_the_qr_code_reads_and_is_at_least_40_mm_wide(
    printed: Notice, render: Callable[[bytes, int], list[Image.Image]]
) -> None:
    [page] = render(notice.notice_pdf([printed], HOST), 150)
    [found] = zxingcpp.read_barcodes(page)
    assert found.text == code.payload_url(CODE, HOST)
    side_mm = (found.position.top_right.x - found.position.top_left.x) / 150 * 25.4
    assert side_mm >= 40


@every_notice
def test_nothing_is_printed_in_the_margin(printed: Notice, render: Callable[[bytes, int], list[Image.Image]]) -> None:
    [page] = render(notice.notice_pdf([printed], HOST), 150)
    assert page.size == pytest.approx((105 / 25.4 * 150, 148 / 25.4 * 150), abs=1)
    margin_px = int(4.5 / 25.4 * 150)
    page.paste(255, (margin_px, margin_px, page.width - margin_px, page.height - margin_px))
    assert page.getextrema() == (255, 255)


@every_notice
def test_no_line_of_text_touches_another(printed: Notice) -> None:
    document = pypdfium2.PdfDocument(notice.notice_pdf([printed], HOST))
    text = document[0].get_textpage()
    # A rectangle is one run of text in one font; runs of the same line have the same baseline but do not meet.
    boxes = [text.get_rect(index) for index in range(text.count_rects())]
    document.close()
    assert len(boxes) > 8
    for index, (left, bottom, right, top) in enumerate(boxes):
        for other_left, other_bottom, other_right, other_top in boxes[index + 1 :]:
            across = min(right, other_right) - max(left, other_left)
            down = min(top, other_top) - max(bottom, other_bottom)
            assert across <= 1 or down <= 1, f"{index}: {across:.1f} pt by {down:.1f} pt"


def test_the_usual_notice_says_everything_with_the_rescue_number_first() -> None:
    text = text_of(notice.notice_pdf([USUAL], HOST))
    flat = text.replace("\n", "")
    for part in (
        "被困请拨打救援电话",
        "Trapped? Call the rescue number",
        "96333",
        "310234",
        "请勿扒门",
        "Do not force the doors",
        "保持冷静",
        "Stay calm",
        "按报警按钮",
        "Press the alarm button",
        "扫码查看本电梯维保记录",
        "Scan: this elevator's maintenance record",
        "liftrounds.example/e/",
        CODE.short_code,
        "台州市安达电梯工程有限公司",
        "0576-8888 1234",
        "市民广场 3号楼 1号梯",
        "台州市椒江区市民广场物业管理有限公司",
        "31103310022015030001",
        "2026-11-24",
    ):
        assert part in flat, part
    assert text.index("96333") < text.index("310234") < text.index("请勿扒门") < text.index("0576")


def test_long_names_stay_whole_as_long_as_they_fit_in_five_point_type() -> None:
    long = Notice(code=CODE, rescue_number="96333", owner="使用单位名称" * 15, firm="维保单位名称" * 15)
    flat = text_of(notice.notice_pdf([long], HOST)).replace("\n", "")
    assert "使用单位名称" * 15 in flat
    assert "维保单位名称" * 15 in flat
    assert "…" not in flat


def test_names_beyond_all_room_end_in_an_ellipsis_and_numbers_never_do() -> None:
    flat = text_of(notice.notice_pdf([LONG_CHINESE], HOST)).replace("\n", "")
    huge = Notice(code=CODE, rescue_number="96333", owner="名称" * 2000, firm_phone="0576-8888 1234")
    cut = text_of(notice.notice_pdf([huge], HOST)).replace("\n", "")
    assert "…" in cut
    assert "0576-8888 1234" in cut
    for number in ("0576-96333-119", "1234567890", "31103310022015030001", "2026-11-24"):
        assert number in flat


def test_without_a_rescue_code_the_operator_is_told_the_registration_code() -> None:
    text = text_of(notice.notice_pdf([LONG_ENGLISH], HOST))
    assert "Rescue code" not in text
    assert "Tell the operator" in text
    assert text.count("1P12345") == 2


def test_with_neither_code_nothing_is_asked_to_be_told() -> None:
    assert "Tell the operator" not in text_of(notice.notice_pdf([BARE], HOST))


def test_each_notice_is_a_page(render: Callable[[bytes, int], list[Image.Image]]) -> None:
    assert len(render(notice.notice_pdf([USUAL, BARE, USUAL], HOST), 20)) == 3


def test_a_notice_without_rescue_number_is_refused_by_its_code() -> None:
    with pytest.raises(PrintError, match=f"empty for {CODE.text}") as caught:
        notice.notice_pdf([USUAL, Notice(code=CODE, rescue_number=" ")], HOST)
    assert caught.value.reason == "rescue_number"


def test_no_notices_are_refused() -> None:
    with pytest.raises(PrintError, match="none to print"):
        notice.notice_pdf([], HOST)
