"""What people say in place of a command's word. Like that, it counts only as the whole message."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_PHRASES: Mapping[str, str] = {
    "帮助": "怎么用 怎么使用 如何使用 使用说明 使用帮助 菜单 功能 有什么功能 有哪些功能 你能干嘛 你能干什么 你能做什么 你会什么 你会干什么 你能查什么 能问什么 可以问什么 我能问什么 我可以问什么",
    "板块": "有哪些板块 有什么板块 所有板块 全部板块 板块列表 看板块 有哪些领域 有什么领域 所有领域 有哪些分类 领域 分类",
    "更多": "还有吗 还有么 还有没有 还有哪些 还有别的吗 还有其他的吗 还有更多吗 继续 下页 翻页 往下 后面的",
    "详情": "详细 详细点 详细些 详细一点 详细说说 说详细点 说详细一点 再详细点 具体点 具体些 具体一点 具体说说 展开 展开说说 完整内容 看详情 查看详情 "
    "原文 原文是什么 看原文 官方原文 全文 看全文 出处 出处是什么 来源 依据 依据是什么 哪个文件 哪个文件的 哪份文件 什么文件 哪一条 第几条 链接 链接发我 发我链接 发链接 发给我链接 链接发给我 给个链接 网址",
    "我的订阅": "我订阅了什么 我订阅了啥 我订阅了哪些 我订了什么 我订了啥 我关注了什么 我关注了哪些 我的关注 查看订阅 看看订阅 订阅列表",
    "订阅这个": "订阅这条 订阅这项 订阅它 订阅一下 关注这个 关注这条 跟进这个 怎么订阅 如何订阅",
    "里程碑": "里程碑提醒 有哪些里程碑 里程碑有哪些 节点 有哪些节点 时间节点 关键节点 时间线 时间轴 时间表 试点进度 试点进展 进展",
    "我的提醒": "我的通知 提醒记录 有哪些提醒",
    "频率": "即时 每日 每天 每周",
    "暂停": "暂停推送 停止推送 先别推送 不要推送了",
    "恢复": "恢复推送 继续推送",
    "有用": "有帮助 很有用 很有帮助",
    "没用": "没有用 没啥用 没帮助 没有帮助 不对 不是这个 答错了 答得不对 答非所问",
}
COMMANDS: Mapping[str, str] = MappingProxyType({said: word for word, all_ in _PHRASES.items() for said in all_.split()})
SENTENCE_ENDS = "。.!~"  # which phones and dictation put after a single word; a question mark asks something
_ENDS = f"{SENTENCE_ENDS}?呢吧啊呀哦"  # unlike a command's word, such a phrase may be a question


def command(folded: str) -> str | None:
    """The command's word that a folded message stands for; None for any other message."""
    return COMMANDS.get(folded) or COMMANDS.get(folded.rstrip(_ENDS).replace(" ", ""))
