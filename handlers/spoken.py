"""What people say in place of a command's word. Like that, it counts only as the whole message."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

_PHRASES: Mapping[str, str] = {
    "帮助": "怎么用 怎么使用 如何使用 使用说明 使用帮助 菜单 功能 有什么功能 有哪些功能 你能干嘛 你能干什么 你能做什么 你会什么 你会干什么 你能查什么 能问什么 可以问什么 我能问什么 我可以问什么",
    "板块": "有哪些板块 有什么板块 所有板块 全部板块 板块列表 所有领域",
    "更多": "还有吗 还有么 还有没有 还有哪些 还有别的吗 还有其他的吗 还有更多吗 继续 下页 翻页 往下 后面的",
    "上一页": "上页 前一页 往回 往前翻",
    "详情": "详细 详细点 详细些 详细一点 详细说说 说详细点 说详细一点 再详细点 具体点 具体些 具体一点 具体说说 展开 展开说说 查看详情 "
    "哪个文件 哪个文件的 哪份文件 什么文件 哪一条 第几条",
    "我的订阅": "我订阅了什么 我订阅了啥 我订阅了哪些 我订了什么 我订了啥 我关注了什么 我关注了哪些 查看订阅 看看订阅",
    "订阅这个": "订阅这条 订阅这项 订阅它 订阅一下 关注这个 关注这条 跟进这个 怎么订阅 如何订阅",
    "里程碑": "里程碑提醒 有哪些里程碑 里程碑有哪些 时间轴 进展",
    "频率": "即时 每日 每天 每周",
    "暂停": "暂停推送 停止推送 先别推送 不要推送了 别推送了 别推了 别发了 别再发了 不要发了 不要再发了",
    "恢复": "恢复推送 继续推送",
    "有用": "有帮助 很有用 很有帮助",
    "没用": "没有用 没啥用 没帮助 没有帮助 不对 不是这个 答错了 答得不对 答非所问",
}
# What people ask for with words of their own around it.
_THINGS: Mapping[str, str] = {
    "板块": "板块 领域 分类",
    "详情": "详情 原文 官方原文 全文 完整内容 出处 来源 依据 链接 网址 source link fulltext originaltext",
    "我的订阅": "我的订阅 我的关注 订阅列表",
    "里程碑": "节点 时间节点 关键节点 时间表 时间线 试点进度 试点进展",
    "我的提醒": "提醒 我的提醒 我的通知 提醒记录",
}
_BEFORE = "能 可以 看看 看下 看一下 看 查看 查下 查一下 查 发我 发给我 发一下 发下 发个 发 给个 给下 来个 求 有哪些 有什么 有没有 有 什么 啥 这个的 这条的 它的 whereis whatis sendme showme the a"
_AFTER = "发给我 发我一下 发我下 发我 给我 发一下 发下 给一下 给下 看看 看一下 看下 一下 下 在哪里 在哪儿 在哪看 在哪 哪里看 哪儿看 去哪看 怎么看 是什么 是啥 是哪个 有哪些 有啥 有没有 有吗 什么时候 啥时候 谢谢 吗 么 呗 please"
COMMANDS: Mapping[str, str] = MappingProxyType({said: word for word, all_ in _PHRASES.items() for said in all_.split()})
SENTENCE_ENDS = "。.!~"  # which phones and dictation put after a single word; a question mark asks something
_ENDS = f"{SENTENCE_ENDS}?呢吧啊呀哦"  # unlike a command's word, such a phrase may be a question
_BEGINNINGS = re.compile(
    r"(?:(?:请|麻烦|帮忙|帮我|给我|我想要?|我要|想要?|要) *|(?:please|i want to|i would like to)(?![a-z]) *)++"
)


def _any_of(words: str) -> str:
    return "|".join(map(re.escape, sorted(words.split(), key=len, reverse=True)))


_OF_THING: Mapping[str, str] = MappingProxyType({said: word for word, all_ in _THINGS.items() for said in all_.split()})
# Possessive: a long row of such words has many readings, and one is enough.
_THING = re.compile(f"(?:{_any_of(_BEFORE)})*+(?P<thing>{_any_of(' '.join(_OF_THING))})(?:{_any_of(_AFTER)})*+")


def command(folded: str) -> str | None:
    """The command's word that a folded message stands for; None for any other message."""
    said = folded.rstrip(_ENDS).replace(" ", "")
    thing = _THING.fullmatch(said)
    return COMMANDS.get(folded) or COMMANDS.get(said) or (_OF_THING[thing["thing"]] if thing else None)


def without_beginning(folded: str) -> str:
    """The message less what asks politely in front of it."""
    polite = _BEGINNINGS.match(folded)
    return folded[polite.end() :] if polite else folded
