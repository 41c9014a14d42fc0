"""The two documents that the product knows, where their text is at hand: the reference segmentation holds."""

from __future__ import annotations

import json

from knowledge import pack
from knowledge.document_plan import slug_for
from knowledge.readers import read
from knowledge.segment import Segmented, segment
from tests.reference import MEASURES, SEEDS, needs_reference, plain

pytestmark = needs_reference


def _segmented() -> dict[str, Segmented]:
    shipped = pack.shipped()
    found = [segment(read(path.name, path.read_bytes()), shipped.sectors) for path in SEEDS]
    return {slug_for(one, shipped.documents) or "": one for one in found}


def test_the_documents_give_exactly_the_reference_measures_with_sectors_and_wording() -> None:
    lines = MEASURES.read_text("utf-8").splitlines()
    wanted = {row["id"]: (row["sector"], row["heading"], plain(row["text"])) for row in map(json.loads, lines)}
    found = {
        f"{slug}/{clause.item}.{clause.ordinal}": (clause.sector, clause.heading, plain(clause.text))
        for slug, segmented in _segmented().items()
        for clause in segmented.clauses
    }
    assert len(found) == 126
    assert found == wanted


def test_the_documents_say_their_own_title_number_issuer_and_date() -> None:
    known = {document.slug: document for document in pack.shipped().documents}
    for slug, segmented in _segmented().items():
        about, document = segmented.metadata, known[slug]
        assert (about.title, about.number, about.issuer, about.issued) == (
            document.title,
            document.number,
            document.issuer,
            document.issued,
        )


def test_the_cut_off_ending_is_noticed_and_the_advertisement_left_out() -> None:
    cut = _segmented()["shanghai-2020-24"]
    assert cut.cut_off
    assert any("http" in line.text for line in cut.left_out)
    assert not _segmented()["mofcom-2021-63"].cut_off
