"""What this package says about its input, and the words that messages are made of, in Simplified Chinese."""

from __future__ import annotations

from datetime import date

# Pilots and milestones that cannot be.
BAD_DATE = "日期 {value} 不在 {first} 至 {last} 之间，请检查年份"
BAD_LEAD = "提前天数 {value} 应在 0 至 {most} 之间"
BAD_MONTHS = "试点期限 {value} 个月应在 1 至 {most} 个月之间"
BAD_BASIS = "起始日依据“{value:.40}”应为 document（按文件日期推算）或 admin（管理员指定）"
BAD_KIND = "里程碑代号“{value:.40}”只能用小写字母、数字和连字符，最多 40 个字符"
KNOWN_KIND = "里程碑“{value:.40}”已经存在"
UNKNOWN_KIND = "没有里程碑“{value:.40}”"
TWICE = "同一个里程碑被调整了两次"
START_IS_THE_PILOTS = "启动日就是试点的起始日，请直接修改起始日"
NO_ISSUED = "《{title:.60}》没有试点，也没有发文日期，推算不出起始日；请先填写发文日期，再采纳文中的期限"
END_BEFORE_START = "期满日 {end} 早于起始日 {start}"

# Broadcasts that cannot be.
EMPTY_BROADCAST = "发布内容不能为空"
LONG_BROADCAST = "发布内容有 {size} 字节，最多 {most} 字节（一个汉字占 3 字节），请缩短"

# Working-day calendars that cannot be read.
THE_FILE = "文件"
NOT_YAML = "文件格式有误，请检查缩进和标点"
NOT_FIELDS = "“{what}”应写成“名称: 内容”的形式"
NOT_A_LIST = "“{what}”应是日期列表"
UNKNOWN_FIELD = "不认识“{value:.40}”，这里可以写：{known}"
MISSING_FIELD = "“{what}”缺少“{value}”"
TWICE_FIELD = "“{value:.40}”写了两次"
NO_DAYS = "“{what}”里没有日期"
BAD_YEAR = "“{value:.40}”不是 {first} 至 {last} 之间的年份"
BAD_DAYS = "“{value:.40}”不是日期，应写成 2026-01-01 或 2026-01-01..2026-01-03"
BACKWARDS = "“{value:.40}”的结束日早于开始日"
OTHER_YEAR = "{day} 不属于 {year} 年的安排"
NOT_WEEKEND = "{day} 是{weekday}，只有周六、周日才能调为上班日"
FREE_AND_WORKED = "{day} 既写成放假又写成上班"

_WEEKDAYS = "一二三四五六日"
_TITLES = {
    "start": "试点启动",
    "mid-term": "试点中期",
    "final-review": "终期评估",
    "end": "试点期满",
    **{f"year-{n}": f"试点满{word}年" for n, word in enumerate("一两三四五六七八九", start=1)},
}


def milestone_title(kind: str) -> str:
    """The usual title of a milestone; for a kind without one the kind itself."""
    return _TITLES.get(kind, kind)


def weekday(day: date) -> str:
    return f"周{_WEEKDAYS[day.weekday()]}"


def countdown(days: int) -> str:
    """How far a day is, in calendar days: '还有2天', '今天', '已过3天'."""
    if days == 0:
        return "今天"
    return f"还有{days}天" if days > 0 else f"已过{-days}天"
