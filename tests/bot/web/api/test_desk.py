"""What needs a token beside editing: imports, the history, people, questions."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import FormData
from aiohttp.test_utils import TestClient, TestServer

from bot.database import Database
from bot.live import LiveLibrary
from bot.web.api import uploads
from bot.web.api.context import Context
from handlers.model import Asked, Outcome, Rated
from handlers.replies import say
from handlers.store.journal import Journal
from knowledge import trace
from scheduler.delivery import Kind, Notice
from scheduler.store import occurrences
from tests.bot.web.admin.test_proposals import PLAN, SLUG
from tests.bot.web.api.conftest import TOKENS, now, service
from tests.bot.web.api.test_writing import told
from tests.bot.web.conftest import Client
from tests.bot.web.shelf import GREEN

PACK = """
measures:
  - id: tea-2028-5/1.4
    sectors: [field]
    title: 黄茶
    summary: 允许黄茶出园。
"""


def form(*files: tuple[str, bytes], **fields: str) -> FormData:
    made = FormData(fields, quote_fields=False)
    for name, data in files:
        made.add_field("file", data, filename=name, content_type="application/octet-stream")
    return made


async def load(desk: Client, status: int, *files: tuple[str, bytes], **fields: str) -> Any:
    return await told(await desk.post("/api/v1/imports", data=form(*files, **fields)), status)


async def test_an_import_shows_what_it_would_do_and_then_does_it_and_can_be_undone(desk: Client) -> None:
    file = ("茶.yaml", PACK.encode())
    preview = await load(desk, 200, file, dry_run="true")
    assert [preview[act] for act in ("added", "changed", "unchanged", "retired")] == [1, 0, 0, 0]
    assert (preview["errors"], preview["change"]) == ([], None)
    assert (await desk.get("/api/v1/measures/tea-2028-5/1.4")).status == 404
    done = await load(desk, 201, file, reason="新茶")
    assert (await told(await desk.get("/api/v1/measures/tea-2028-5/1.4"), 200))["title"] == "黄茶"
    assert (await load(desk, 200, file))["unchanged"] == 1
    change = await told(await desk.get(f"/api/v1/history/{done['change']}"), 200)
    assert (change["author"], change["kind"], change["reason"]) == ("anna", "import", "新茶")
    assert [(e["kind"], e["key"], e["before"]) for e in change["entries"]] == [("measure", "tea-2028-5/1.4", None)]
    undone = await told(await desk.post(f"/api/v1/history/{change['id']}/undo"), 200)
    assert undone["kept"] == undone["reasons"] == []
    assert (await desk.get("/api/v1/measures/tea-2028-5/1.4")).status == 404
    back, change = (await told(await desk.get("/api/v1/history?limit=2"), 200))["items"]
    assert (back["undoes"], change["undone_by"]) == (change["id"], back["id"]) == (done["change"], undone["change"])
    again = await told(await desk.post(f"/api/v1/history/{change['id']}/undo"), 200)
    assert again == {"change": None, "kept": [["measure", "tea-2028-5/1.4"]], "reasons": ["it was changed again since"]}


async def test_an_import_tells_which_sentences_became_no_measure(desk: Client) -> None:
    text = "茶业方案\n一、主要任务。开放茶市。\n二、保障措施。市茶业局牵头。\n"
    preview = await load(desk, 200, ("茶.txt", text.encode()), slug="tea-2031-1", dry_run="true")
    assert preview["left_out"] == ["茶.txt：第3行：市茶业局牵头。"]


async def test_a_file_with_errors_loads_nothing_and_names_every_place(desk: Client) -> None:
    bad = ("坏.yaml", b"measures:\n  - id: nonsense\n    title: x\n")
    preview = await load(desk, 200, bad, dry_run="true")
    assert {error["file"] for error in preview["errors"]} == {"坏.yaml"}
    assert preview["added"] == 0
    problem = await load(desk, 422, ("茶.yaml", PACK.encode()), bad)
    assert [error["where"].partition("/")[0] for error in problem["errors"]] == ["坏.yaml"] * len(preview["errors"])
    assert (await desk.get("/api/v1/measures/tea-2028-5/1.4")).status == 404


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"", "multipart/form-data", 400),
        (b"nonsense", "multipart/form-data; boundary=x", 400),
        (b"--x\r\n\r\n", "multipart/form-data; boundary=x", 400),
        (
            b'--x\r\nContent-Disposition: form-data; name="a\x14"\r\n\r\n1\r\n--x--',
            "multipart/form-data; boundary=x",
            400,
        ),
        (b"--x--\r\n", "multipart/form-data; boundary=x", 422),
        (b"{}", "application/json", 415),
    ],
)
async def test_an_upload_that_is_none_is_refused(desk: Client, body: bytes, kind: str, status: int) -> None:
    await told(await desk.post("/api/v1/imports", data=body, headers={"Content-Type": kind}), status)


async def test_too_large_an_upload_is_refused(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_BYTES", 100)
    await load(desk, 413, ("茶.yaml", PACK.encode() * 10))
    await load(desk, 422, ("茶.yaml", b"x"), slug="Not A Slug")


async def test_the_history_is_paged_by_the_last_change_seen(desk: Client) -> None:
    for title in ("一号", "二号", "三号"):
        path = f"/api/v1/measures/{GREEN.id}"
        await told(await desk.patch(path, json={"title": title}, headers={"If-Match": "*"}), 200)
    first = await told(await desk.get("/api/v1/history?limit=3"), 200)
    second = await told(await desk.get(first["next"]), 200)
    ids = [change["id"] for change in first["items"] + second["items"]]
    assert ids == sorted(ids, reverse=True)
    assert (len(ids), second["next"]) == (4, None)
    for unknown in ("0", "999999", "x", "9" * 30):
        await told(await desk.get(f"/api/v1/history/{unknown}"), 404)


async def test_deadlines_in_a_text_are_proposed_until_the_pilot_says_what_becomes_of_them(desk: Client) -> None:
    await load(desk, 201, ("竹编.txt", PLAN.encode()), slug=SLUG)
    built, chosen, online = (await told(await desk.get("/api/v1/proposals"), 200))["items"]
    assert built == {
        "document": "bamboo-2026-3",
        "kind": "due-1-1-20270630",
        "date": "2027-06-30",
        "title": "建设五个竹编工坊（2027年6月底前）",
        "measure": "bamboo-2026-3/1.1",
        "words": "2027年6月底前",
    }
    stated = [{name: each[name] for name in ("kind", "date", "title")} for each in (built, chosen)]
    stated[1]["removed"] = True
    pilot = {"document": "bamboo-2026-3", "name": "竹编", "start": "2026-03-01", "milestones": stated}
    await told(await desk.post("/api/v1/pilots", json=pilot), 201)
    assert (await told(await desk.get("/api/v1/proposals?document=bamboo-2026-3"), 200))["items"] == [online]
    assert (await told(await desk.get("/api/v1/proposals?document=tea-2028-5"), 200))["items"] == []
    assert (await told(await desk.get("/api/v1/proposals?document=Not-A-Slug"), 400))["status"] == 400


async def test_people_are_subscribed_one_by_one_and_in_bulk(desk: Client) -> None:
    bulk = {"users": ["Zhang.San", "lisi", "LISI"], "topics": ["sector:field", "milestones"]}
    assert await told(await desk.post("/api/v1/subscriptions", json=bulk), 200) == {"added": 4}
    changed = {"topics": ["all"], "cadence": "weekly", "paused": True}
    one = await told(await desk.put("/api/v1/subscriptions/LiSi", json=changed), 200)
    assert (one["user"], one["topics"], one["cadence"]) == ("lisi", ["all"], "weekly")
    assert one["paused_at"] is not None
    everybody = await told(await desk.get("/api/v1/subscriptions"), 200)
    assert [(p["user"], sorted(p["topics"])) for p in everybody["items"]] == [
        ("lisi", ["all"]),
        ("zhang.san", ["milestones", "sector:field"]),
    ]
    assert (await desk.delete("/api/v1/subscriptions/lisi")).status == 204
    assert (await told(await desk.get("/api/v1/subscriptions/lisi"), 200))["topics"] == []


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"topics": ["sector:none"]}, "topics/0"),
        ({"topics": ["everything"]}, "topics/0"),
        ({"topics": ["all"], "cadence": "hourly"}, "cadence"),
    ],
)
async def test_what_cannot_be_followed_is_named(desk: Client, body: dict[str, Any], where: str) -> None:
    problem = await told(await desk.put("/api/v1/subscriptions/lisi", json=body), 422)
    assert [error["where"] for error in problem["errors"]] == [where]


async def test_unanswered_questions_and_feedback_are_listed(desk: Client, database: Database) -> None:
    journal = Journal(database, now)
    asked = Asked("k1", "lisi", "咖啡能种吗", now(), "none", None, 0.0)
    rated = Rated("k2", "lisi", now() + timedelta(seconds=5), False, "绿茶", "k0", (GREEN.id,))
    await journal.record("k1", say("没有"), Outcome(say("没有"), asked=asked))
    await journal.record("k2", say("谢谢"), Outcome(say("谢谢"), rated=rated))
    await journal.close()
    (question,) = (await told(await desk.get("/api/v1/unanswered"), 200))["items"]
    assert (question["text"], question["user"], question["outcome"]) == ("咖啡能种吗", "lisi", "none")
    (rating,) = (await told(await desk.get("/api/v1/feedback"), 200))["items"]
    assert (rating["question"], rating["useful"], rating["measures"]) == ("绿茶", False, [GREEN.id])


async def test_what_was_asked_just_now_is_listed(context: Context, live: LiveLibrary, database: Database) -> None:
    journal = Journal(database, now, interval=60)
    asked = Asked("k1", "lisi", "咖啡能种吗", now(), "none", None, 0.0)
    journal.record_later("k1", say("没有"), Outcome(say("没有"), asked=asked))
    anna = {"Authorization": f"Bearer {TOKENS['anna']}"}
    app = service(replace(context, library=live, written=journal.catch_up))
    async with TestClient(TestServer(app), headers=anna) as client:
        (question,) = (await told(await client.get("/api/v1/unanswered"), 200))["items"]
    assert question["text"] == "咖啡能种吗"


async def test_deliveries_are_listed_and_told_again(desk: Client, database: Database) -> None:
    trace.begin("abc-1")
    async with database.transaction() as session:
        for n in range(3):
            await occurrences.push(session, Notice(f"n{n}", Kind.ANSWER, {"text": f"第{n}条"}), ["lisi"], now())
    first = await told(await desk.get("/api/v1/deliveries?user=LiSi&per_page=2&kind=answer"), 200)
    second = await told(await desk.get(first["next"]), 200)
    assert [d["state"] for d in first["items"] + second["items"]] == ["planned"] * 3
    assert [d["request"] for d in first["items"] + second["items"]] == ["abc-1"] * 3
    assert second["next"] is None
    assert (await told(await desk.get("/api/v1/deliveries?state=sent"), 200))["items"] == []
    occurrence = first["items"][0]["occurrence"]
    again = await desk.post(f"/api/v1/deliveries/{occurrence}/resend", json={})
    assert await told(again, 200) == {"people": 0}  # it is still planned
    await told(await desk.post("/api/v1/deliveries/x/resend", json={}), 404)


@pytest.mark.parametrize("data", [b"", b"\n", b"\x00\xff", "一、".encode(), "（一）\n第一条".encode(), b"PK\x03\x04"])
@pytest.mark.parametrize("suffix", [".txt", ".docx", ".xlsx", ".csv", ".pdf", ".html", ".yaml", ".exe", ""])
async def test_no_file_makes_us_fail(desk: Client, suffix: str, data: bytes) -> None:
    answer = await load(desk, 200, (f"坏{suffix}", data), slug="tea-2030-1", dry_run="true")
    assert answer["change"] is None
