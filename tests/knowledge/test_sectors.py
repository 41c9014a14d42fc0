"""Which sector a measure belongs to, by its label, heading or wording."""

from __future__ import annotations

import pytest

from knowledge.model import Sector
from knowledge.sectors import sector_in, sector_of

SECTORS = (
    Sector("tea", "茶业", ("茶艺服务", "茶艺")),
    Sector("silk", "丝绸服务", ("丝绸", "养蚕")),
    Sector("wine", "酿酒服务", ("葡萄酒酿造",)),
    Sector("finance", "金融", ("金融服务",)),
)


def test_what_many_names_share_makes_no_name_like_a_heading() -> None:
    assert sector_of("花艺服务", "", SECTORS) is None


def test_a_name_with_words_between_its_parts_is_still_like_a_heading() -> None:
    assert sector_of(None, "葡萄酒业酿造", SECTORS) == "wine"


@pytest.mark.parametrize(
    ("wording", "title", "sector"),
    [
        ("鼓励茶艺馆和茶业园联营。", "", "tea"),  # two terms
        ("推动葡萄酒酿造标准化。", "", "wine"),  # one long term
        ("鼓励养蚕户联营。", "丝绸振兴方案", "silk"),  # one term, and what the document is about
        ("鼓励养蚕户联营。", "", None),
        ("鼓励养蚕户联营。", "茶业振兴方案", None),
        ("支持茶艺和养蚕。", "", None),
        ("支持茶艺、养蚕、丝绸、茶业发展。", "", None),
        ("鼓励联营。", "茶业振兴方案", None),
        ("由丝绸主管部门会同养蚕部门核发许可。", "", None),
    ],
)
def test_a_wording_tells_its_sector_by_more_than_one_short_word(wording: str, title: str, sector: str | None) -> None:
    assert sector_in(wording, title, SECTORS) == sector


def test_without_sectors_a_wording_tells_none() -> None:
    assert sector_in("鼓励养蚕。", "丝绸方案", ()) is None
