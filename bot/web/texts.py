"""Texts for people that the web rim speaks itself; what belongs to one page stands in its template."""

from __future__ import annotations

from collections.abc import Mapping

PRODUCT = "试点通"
NAVIGATION: tuple[tuple[str, str], ...] = (("措施", "/measures"), ("进度", "/milestones"))  # label, path
ALL = "全部"
OFFICIAL_COUNTS = "摘要由试点通归纳，办理事项请以官方原文为准。"

# The timeline and its calendars.
STATED = "日期由管理员确定"
IN_THE_TEXT = "原文写明的期限"
RULE = "推算：自起始日起满{months}个月"
RULE_START = "推算：按文件日期"
NOT_STARTED = "还有{days}天启动。"
RUNNING = "已进行{passed}天，还剩{left}天。"
ENDED = "已于{end}届满，至今{days}天。"
CALENDAR = "试点节点"
MY_CALENDAR = "我关注的试点节点"
CALENDAR_ENTRY = "{pilot}\n{title}：{date}\n{rule}"
CALENDAR_REVOKED = "这个日历地址已经失效。请在聊天里发“我的订阅”获取新地址。\n"
NO_SUCH_PILOT = "没有这个试点。\n"

# HTTP status -> what happened, what the person can do about it
ERRORS: Mapping[int, tuple[str, str]] = {
    400: ("请求有误", "地址或表单的内容不完整，请返回后再试。"),
    401: ("请先登录", "登录之后才能查看这个页面。"),
    403: ("没有权限", "您的账号不能查看这个页面；如有需要，请联系管理员。"),
    404: ("没有找到这个页面", "地址可能有误，或者页面已经移走。可以在这里查找试点措施："),
    405: ("不支持这样的操作", "请返回上一页，重新操作一次。"),
    413: ("提交的内容太大", "请缩小文件之后再试。"),
    429: ("操作太频繁", "请稍等片刻再试。"),
    500: ("服务出了点问题", "我们已经记下这个错误，请稍后再试。"),
    503: ("服务暂时不可用", "请稍后再试。"),
}
OTHER_ERROR = ("请求没有成功", "请返回后再试；如果一直这样，请联系管理员。")
NO_SUCH_MEASURE = ("没有找到这条措施", "编号可能有误，或者这条措施已经移走。可以在这里查找：")


def error_text(status: int) -> tuple[str, str]:
    """What happened and what to do, for an HTTP error status."""
    return ERRORS.get(status, ERRORS[500] if status > 500 else OTHER_ERROR)
