"""What people are told about pilots, milestones and changes, in Simplified Chinese."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from scheduler.delivery import AlarmKind
from scheduler.model import Milestone, Move, Pilot, Reminder
from scheduler.texts import countdown, weekday

SOURCE = "试点通"
DONE = "已完成"
BUTTONS = {"seen": "知道了", "done": DONE, "tomorrow": "明天再提醒"}  # key -> what stands on it
DATE = "日期"
EVERYTHING = "全部"  # as the name of what somebody follows
UPDATED = "【政策更新】{names}：{total}项有变化"
TAKEN_BACK = "【更新撤回】{names}：之前通知的{total}项变化已撤回，以现行内容为准"
UPDATED_AT = "（{at}）"
UPDATED_LINE = "{names}：{total}项有变化"  # in lists, where the kind stands beside it
TAKEN_BACK_LINE = "{names}：撤回{total}项变化"
MANY_NAMES = "{names}等{number}项"
UPDATE_REST = '另有{rest}项，<a href="{link}">在网页上浏览</a>，或发板块名称。'
TAKEN_BACK_REST = "另有{rest}项。"
BROADCAST_HEAD, ALARM_HEAD, MOVED_HEAD = "【通知】", "【告警】", "【里程碑改期】"
RESENT = "补发 {at:%m-%d %H:%M}"
BROADCAST = BROADCAST_HEAD + "{text}\n（{at:%m-%d %H:%M} 发布{again}）"
AGAIN = "，第{times}次"
TRIAL = "【试发】{text}\n（{at:%m-%d %H:%M:%S}，只发给您）"
ALARM = ALARM_HEAD + "{at:%m-%d %H:%M} {what}\n{detail:.200}"
MANY_INVALID = "一条消息的 {size} 名接收人中有 {invalid} 名无效"
QUOTA_USED = "今天的消息额度已用完"
UNCLEAR = "结果未知，且已超出企业微信的重复消息检查时限"
ALARMS = {
    AlarmKind.CONFIGURATION: "企业微信拒绝了本应用的调用，推送已暂停；修正配置后自动恢复，消息不会丢失",
    AlarmKind.INVALID: "无效接收人过多，推送已暂停，未停发任何人；请核对应用可见范围，再到管理后台恢复推送",
    AlarmKind.QUOTA: "其余消息明天再发",
    AlarmKind.UNCONFIRMED: "有消息是否送达无法确认，系统不再重发；请到管理后台核对，需要时补发",
    AlarmKind.REFUSED: "有消息被企业微信拒绝，没有送达",
    AlarmKind.AS_TEXT: "提醒卡片被企业微信拒绝，已改发文字",
}
ACTS = {"added": "新增", "changed": "修订", "retired": "停用", "removed": "停用"}
ACTS_TAKEN_BACK = {"added": "取消停用", "changed": "取消修订", "retired": "取消新增", "removed": "取消新增"}


def milestone_date(milestone: Milestone) -> str:
    """The date with its weekday, and that it is derived: '2023-11-05（周日，推算）'."""
    return f"{milestone.date}（{weekday(milestone.date)}{'，推算' if milestone.derived else ''}）"


def reminder_text(reminder: Reminder, sent_on: date) -> str:
    """The message that announces a milestone, counted from the local day it is sent."""
    milestone = reminder.milestone
    days = countdown((milestone.date - sent_on).days)
    return f"【里程碑提醒】{milestone.pilot_name}\n{milestone.title}：{milestone_date(milestone)}，{days}"


def moved_text(moves: Sequence[Move], sent_on: date) -> str:
    """The one notice that dates of a pilot have changed.

    :param moves: at least one, all of one pilot.
    """
    lines = [f"{MOVED_HEAD}{moves[0].after.pilot_name}"]
    for move in moves:
        days = countdown((move.after.date - sent_on).days)
        change = f"原定 {milestone_date(move.before)}，现为 {milestone_date(move.after)}，{days}"
        lines.append(f"{move.after.title}：{change}")
    return "\n".join(lines)


def alarm_text(kind: AlarmKind, detail: str, at: datetime) -> str:
    """The message to the admins.

    :param at: local.
    """
    return ALARM.format(at=at, what=ALARMS[kind], detail=detail)


def broadcast_text(text: str, at: datetime, times: int) -> str:
    """A broadcast as people see it: the time and its number keep it from being taken for an earlier one.

    :param times: how often the same text is sent, this time included.
    """
    return BROADCAST.format(text=text, at=at, again=AGAIN.format(times=times) if times > 1 else "")


def status_note(last: date, derived: bool) -> str:
    """The line under every answer from a document whose pilot is over."""
    return f"试点期已于 {last} 届满{'（推算）' if derived else ''}，现行规定请核实"


def start_note(pilot: Pilot) -> str | None:
    """What to know about a start that was taken from the document's date; None for a stated one."""
    return None if pilot.start_basis == "admin" else "起始日按文件日期推算；国务院批复日期与此不同的，以批复为准"
