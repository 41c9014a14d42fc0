"""What the admin pages say, besides what belongs to one page and stands in its template."""

from __future__ import annotations

import re
from collections.abc import Mapping

from knowledge.dependence import Identity, Kept, Why
from knowledge.model import GOOD_TITLE, MAX_SUMMARY, MAX_TITLE
from knowledge.stated import SORTS

# label, path; in the order of an admin's day
MENU: tuple[tuple[str, str], ...] = (
    ("措施", "/admin/measures"),
    ("待答", "/admin/learning"),
    ("导入", "/admin/import"),
    ("资料", "/admin/knowledge/document"),
    ("人员", "/admin/people"),
    ("推送", "/admin/deliveries"),
    ("发布", "/admin/broadcasts"),
    ("统计", "/admin/statistics"),
    ("设置检查", "/admin/check"),
    ("操作记录", "/admin/audit"),
)

# key of the address -> what a page says after a form has done its work
DONE: Mapping[str, str] = {
    "saved": "已保存，聊天里马上生效。",
    "same": "内容没有变化，无需保存。",
    "restored": "已恢复到所选版本。",
    "imported": "已导入，聊天里马上生效。",
    "undone": "已撤销这次导入。",
    "partly": "已撤销这次导入。后来又改过的和还在用的内容保持现在的样子。",
    "learned": "记下了。",
    "unsure": "记下了，但这个问题现在还不能直接回答，可以再加为某条措施的问法。",
    "taught": "记下了，30天内问过的人会收到答案。",
    "frozen": "已停止所有推送，到期的会等着。",
    "released": "已恢复推送。",
    "resent": "已安排补发，内容会标明“补发”。",
    "nobody": "没有需要补发的人，或者已经过期。",
    "broadcast": "已发布，正在发送。",
    "tried": "已试发，请在企业微信里查看。",
    "subscribed": "已订阅。",
    "unsubscribed": "已退订。",
    "added": "已新建，聊天里马上可以查到。",
    "accepted": "已设为里程碑。",
    "ignored": "已忽略，不再提出。",
}

# Sign-in. What happened, and what to do.
STALE_FORM = ("页面已过期", "为了安全，这次提交没有生效。请返回上一页刷新，再提交一次。")
SIGNED_OUT = ("登录已过期", "这次提交没有生效。请在新窗口重新登录，再回到原来的页面提交一次。")
NOBODY_MAY = ("管理页面还没有开通", "请部署人员设置 PILOTBOT_ADMIN_TOKENS 或 PILOTBOT_ADMIN_USERS。")
SIGN_IN_EXPIRED = ("登录没有完成", "登录凭证已过期或用过了，请回到登录页再试一次。")
NO_ADMIN = ("没有管理权限", "您的账号不在管理员名单里；如有需要，请联系部署人员。")
REFUSED = "口令不对，请核对后再试。"
TOO_MANY = "试错次数太多，请五分钟后再试。"

# Fields of a form.
EMPTY_FIELD = "请填写这一项。"
TOO_LONG = "最多{limit}个字，现在是{length}个字。"
NO_LINK = "请填写以 http:// 或 https:// 开头的网址。"
NO_MEASURE = "没有编号为“{id}”的措施，请核对。"
NO_CHOICE = "请先选一条措施，或者填它的编号。"
NO_SECTOR = "请选择主要板块。"
UNKNOWN_SECTOR = "没有这个板块，请重新选择。"
NO_DATE = "请按“2026-01-31”的格式填写日期。"
ENDS_EARLY = "截止日期早于起始日期。"
LONG_LIST = "最多{lines}行，每行最多{length}个字。"
NO_REASON = "加急通知会立即发给关注的人，请写明理由。"
NO_DOCUMENT = "请选择文件。"
NO_PLACE = "请填写第几条第几项，用数字。"
TAKEN = "这个编号已经有措施了，请换一项。"

# field of an entry -> what people call it; measures have the last word
FIELDS: Mapping[str, str] = {
    name: about.name
    for kind in (*(kind for kind in SORTS if kind != "measure"), "measure")
    for name, about in SORTS[kind].fields.items()
}
STATUSES: Mapping[str, str] = {"active": "有效", "retired": "已停用"}
OUTCOMES: Mapping[str, str] = {
    "answer": "直接回答",
    "choices": "列出选项",
    "list": "按板块或条款列出",
    "none": "没有找到",
}
# kind of evidence -> how it matched
EVIDENCE: Mapping[str, str] = {
    "characters": "文字",
    "word": "词",
    "sound": "读音",
    "synonym": "同义词",
    "clause": "条款",
    "sector": "板块",
    "document": "文件",
}
NOTHING_CHOSEN = "请选择要怎么处理。"
TWO_WORDS = "请填写两个意思相同的词。"
NO_PHRASE = "请填写问法。"

# field of a measure's form -> how to fill it in
MEASURE_HINTS: Mapping[str, str] = {
    "title": f"{GOOD_TITLE}个字以内最好，最多{MAX_TITLE}个字",
    "summary": f"用自己的话，最多{MAX_SUMMARY}个字",
}

# word of an act -> what the audit log says
ACTS: Mapping[str, str] = {
    "seed": "载入自带知识",
    "import": "导入",
    "edit": "修改",
    "undo": "撤销",
    "sign-in": "登录",
    "sign-out": "退出",
    "freeze": "停止推送",
    "release": "恢复推送",
    "resend": "补发",
    "broadcast": "发布",
    "trial": "试发",
    "subscribe": "批量订阅",
    "unsubscribe": "批量退订",
}
KINDS: Mapping[str, str] = {
    "document": "文件",
    "sector": "板块",
    "measure": "措施",
    "synonym": "同义词",
    "out_of_scope": "范围外话题",
    "pilot": "试点",
    "calendar": "工作日历",
}
# why an undoing leaves an entry as it is; `other` is what uses it, or what it would use
KEPT: Mapping[Why, str] = {
    Why.CHANGED: "后来又改过",
    Why.NEEDED: "{other}还要用到它",
    Why.LACKING: "它原来用到的{other}已经不在了",
}
CHANGES: Mapping[str, str] = {"added": "新增", "changed": "修改", "removed": "删除"}
RESTORE_REASON = "恢复到第{revision}版"


def named(entry: Identity) -> str:
    """What people call an entry: '措施 tea-2025-8/1.1'."""
    kind, key = entry
    return f"{KINDS.get(kind, kind)} {key}"


def kept(entry: Kept) -> str:
    """One line on what an undoing leaves as it is, and why."""
    why = KEPT[entry.why].format(other=named(entry.other) if entry.other else "")
    return f"{named((entry.kind, entry.key))}：{why}"


def dangling(user: Identity, target: Identity) -> tuple[str, str]:
    """Why a change is refused, and what to do: `user` refers to `target`, which would not be there."""
    return "这样改会缺少出处", f"{named(user)}要用到{named(target)}，所以没有改动。请先处理前者，或先恢复后者。"


# Importing.
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
NO_FILE = "请选择一个文件。"
BAD_SLUG = "文件代号只用小写字母、数字和连字符，例如 mofcom-2021-63。"
OUTDATED = "预览之后有人改过内容，什么都没有导入。请核对新的预览，再确认一次。"
UNAVAILABLE = "数据库暂时不可用，什么都没有导入，请稍后再试。"
IMPORT_FAILED = "导入没有成功，什么都没有改变。我们已经记下这个错误。"
TEMPLATE_NAME = "导入模板.xlsx"
FAILED_NAME = "待改正的行.xlsx"
EXPORT_NAME = "知识库"

LEVELS: Mapping[str, str] = {"ok": "正常", "warn": "请留意", "fail": "要处理"}  # of the set-up doctor

# Deliveries.
TOLD: Mapping[str, str] = {
    "reminder": "提醒",
    "moved": "日期变动",
    "snooze": "再次提醒",
    "update": "政策更新",
    "answer": "答复",
    "broadcast": "发布",
    "alarm": "告警",
}
STATES: Mapping[str, str] = {
    "planned": "待发送",
    "sending": "发送中",
    "waiting": "等待重试",
    "sent": "已发送",
    "invalid": "收不到",
    "withdrawn": "不再发送",
    "expired": "已过期",
    "given_up": "发送失败",
    "unconfirmed": "结果未知",
}
HOLDS: Mapping[str, str] = {
    "frozen": "管理员停止了推送",
    "rate": "企业微信要求稍等",
    "quota": "今天的额度用完了",
    "configuration": "设置有误，需要处理",
    "invalid": "一次有太多人收不到，需要核对",
}
CADENCES: Mapping[str, str] = {"immediate": "即时", "daily": "每日", "weekly": "每周"}
EVERYBODY = "所有订阅的人"
MILESTONES = "里程碑"
RESENT = "第{occurrence}号，{count}人"
TO = "{count}人"
SUBSCRIBED = "{topic}，{count}人"
BAD_USER = "“{user}”不是企业微信账号，请核对。"
NO_USERS = "请填写账号或部门编号，最多{most}人。"
BAD_DEPARTMENT = "没有编号为“{number}”的部门，请核对。"
NO_MEMBERS = "这个部门里没有看得到本应用的人，请核对应用的可见范围。"
MAY_NOT_SEE = "应用看不到这个部门的成员，请在企业微信管理后台把它加入应用的可见范围。"
PLATFORM_SILENT = "企业微信暂时没有给出部门成员，什么都没有改变，请稍后再试。"

# Other knowledge.
TAKEN_KEY = "已经有了，请换一个。"
TRY_AGAIN = "别人刚刚改过这个试点，请核对后再点一次。"
CHANGED_MEANWHILE = "别人刚刚改过，请回到列表重新打开。"
HINTS: Mapping[str, Mapping[str, str]] = {
    "document": {
        "slug": "小写字母、数字和连字符，例如 mofcom-2021-63",
        "short_names": "一行一个，例如 63号文",
        "items": "一行一条，例如 1：充分竞争性服务业",
        "issued": "例如 2021-04-21",
        "missing": "手头的文本缺什么，写成一句话",
    },
    "sector": {"code": "英文代码，例如 finance", "aliases": "一行一个"},
    "synonym": {"words": "意思相同的词，一行一个"},
    "out_of_scope": {
        "topic": "给这组问法起个名字",
        "kind": "policy（政策但不在范围）、chitchat（闲聊）、office（办公事务）或 gibberish（无意义）",
        "phrases": "一行一个",
    },
    "pilot": {
        "document": "建立这个试点的文件的代号",
        "start": "例如 2021-04-21",
        "start_basis": "document（按文件日期推算）或 admin（管理员指定）",
        "months": "不填就是36个月",
        "leads": "提前几天提醒，例如 30、7、1、0；不填就是这四个",
        "milestones": "只写要改的，一行一个：代号，日期，名称。例如“mid-term，2026-05-10”是改期，"
        "“mid-term，取消”是取消，“review，2026-08-01，专家评审”是新增。"
        "常用代号：year-1、mid-term、year-2、final-review、end",
    },
    "calendar": {
        "year": "例如 2027",
        "holidays": "国务院办公厅公布的放假日期，一行一个，周末也要写",
        "worked": "调休上班的周六、周日，一行一个",
    },
}
