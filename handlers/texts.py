"""Everything the bot says, in one place. Simplified Chinese, short and natural."""

WELCOME = (
    "您好，我是试点通。库里收录的试点政策，用平常的话问我就行，"
    "例如“老外能考证吗”“QFLP”“63号文第8条”。发“板块”浏览，发“订阅 金融”跟进更新，发“帮助”看用法。"
)
RECORDED = "提示：您的提问会被记录，用于改进回答。"

HELP = """我能回答已收录的试点文件里的政策措施：
· 直接提问：外资旅行社能做出境游吗
· 关键词、拼音、英文、错字都行：QFLP、luohu、digital yuan
· 查条款：63号文第8条、24号文6.4
· 板块：按领域浏览
· 数字：选列表里的一项；更多 / 上一页：翻页
· 详情：上一条的完整内容
· 有用 / 没用：评价上一条回答
· 订阅 金融 / 退订 金融 / 我的订阅：政策更新；频率 每日：改为汇总
· 里程碑：试点进度；订阅 里程碑：节点提醒；我的提醒：发过什么
· 暂停 / 恢复：停发或续发推送
答案都附文件和条款，以发布机关公布的全文为准。"""

BASIS = "依据：{document} {clause}"
ALSO = "另见：{document} {clause}"
AKIN = "相近措施：{title}（{document} {clause}）"
NO_DOCUMENT = "（文件不在库里，出处请核实）"
LINK = "查看详情"
MORE_BY_DETAIL = "（内容较长，发“详情”看更多，或点链接看全文）"
MORE_BY_LINK = "（内容较长，点链接看全文）"
ABOUT_ONE = "【{title}】"
TWO_TOPICS = "您问了两件事："

CHOICES = "您想问的可能是下面哪一项？回复数字查看："
LISTED = "{heading}，共{total}项，回复数字查看："
LISTED_PAGE = "{heading}，共{total}项，第{first}—{last}项，回复数字查看："
MORE_PAGES = "还有{rest}项，发“更多”继续看。"
NO_LIST = "没有可以翻页的列表。请先提一个问题，或发“板块”浏览。"
LIST_BEGIN = "已经是第一页了。"
LIST_END = "已经是最后一页了。发“板块”可以看其他领域。"
NO_CHOICE = "上一条回答没有列表可选。发“详情”看它的完整内容，或者直接提问。"
ASK_AGAIN = "刚才的列表我已经找不到了，请把问题再发一次。"

SECTORS = "共{total}项措施，回复数字或板块名称浏览："
SECTOR = "{name}（{count}项）"
EMPTY_SECTOR = "“{name}”板块暂时没有措施。"

NOT_FOUND = "没有找到对应的措施。我只收录了试点文件里的措施，没写到的事情不敢乱答。"
NOT_FOUND_HINT = "可以换个说法、发关键词，或发“板块”浏览。"
NEAR_MISSES = "下面几项也许相关，不一定是您要问的，回复数字查看："
CHITCHAT = "我只会查试点政策。想问什么直接发给我，例如“外国人看病签证好办吗”，或发“帮助”看用法。"
OFFICE = "这个我帮不上忙，我只会查试点政策。发“帮助”可以看我能答什么。"
UNREADABLE = "我看不出您想问什么。请用一句话或几个关键词再问一次，例如“外资旅行社 出境游”。"

DETAIL_TITLE = "【{title}】"
DETAIL_DOCUMENT = "文件：{title}（{facts}）"
NO_FACTS = "文号和日期不详"
DETAIL_CLAUSE = "条款：{clause}"
DETAIL_SECTORS = "板块：{sectors}"
DETAIL_SUMMARY = "摘要：{summary}"
DETAIL_TEXT = "原文：{text}"
DETAIL_NO_TEXT = "原文：官方原文还没有导入，以上为摘要，请以发布机关公布的全文为准。"
CHOOSE_FIRST = "请先回复数字选一项，再发“详情”。"
NO_DETAIL = "还没有可以展开的内容。请先提一个问题。"

THANKS_USEFUL = "谢谢，很高兴帮到您。"
THANKS_USELESS = "谢谢，已经记下，会改进。可以换个说法再问，或发“板块”浏览。"
NOTHING_TO_RATE = "还没有可以评价的回答。请先提一个问题。"

TEXT_ONLY = "{what}我看不懂，请把问题打成文字发给我。"
MEDIA = {
    "image": "图片",
    "voice": "语音",
    "video": "视频",
    "shortvideo": "视频",
    "location": "位置",
    "link": "链接",
    "file": "文件",
}
ANY_MEDIA = "这类消息"
TOO_FAST = "您发得太快了，我有点跟不上。请稍等一分钟再发。"
UNAVAILABLE = "系统正在恢复，这条暂时没法处理，请稍后再发一次。"
FAILED = "抱歉，刚才出了点问题，请稍后再试。"
RESTARTED = "服务刚刚重启，您先前发的消息没来得及处理，请再发一次。"
BUSY = "现在提问的人太多，请过几分钟再发一次。"

# Subscriptions.
TOPIC_ALL = "全部"
TOPIC_MILESTONES = "里程碑"
FOLLOWED = "已订阅：{names}。"
FOLLOWED_BEFORE = "之前已经订阅：{names}。"
UNFOLLOWED = "已退订：{names}。"
UNFOLLOWED_ALL = "已退订全部，不再推送更新和提醒。"
NOT_FOLLOWED = "本来就没有单独订阅：{names}。"
ALL_IS_FOLLOWED = "您订阅的是“全部”，仍会收到各板块的更新。想只留几个，先发“退订 全部”，再逐个订阅。"
UNKNOWN_NAME = "没有“{name}”，相近的有：{nearest}。发“板块”看全部。"
FOLLOWING = "您订阅了：{names}。"
NOTHING_FOLLOWED = "您还没有订阅。"
HOW_TO_FOLLOW = "发“订阅 金融”关注一个板块，“订阅 里程碑”接收试点节点提醒，“订阅 全部”一个不漏；发“板块”看有哪些板块。"
HOW_TO_FOLLOW_THIS = "【{title}】属于{name}板块。发“订阅 {name}”跟进这个板块的更新。"
HOW_TO_CHANGE = "退订发“退订 {name}”，改频率发“频率 每日”，暂不想收发“暂停”。"
CALENDAR = (
    '<a href="{url}">我的日历</a>：把这个地址加到日历软件里，节点和提醒会自动更新。请勿转发，发“重置日历”可换新地址。'
)
CALENDAR_RENEWED = "旧的日历地址已失效，请改用新的："
CADENCE_NAMES = {
    "immediate": "即时推送",
    "daily": "每日汇总（工作日 {at}）",
    "weekly": "每周汇总（每周首个工作日 {at}）",
}
CADENCE_IS = "更新方式：{cadence}。"
CADENCE_SET = "好的，政策更新改为{cadence}。"
CADENCES = "发“频率 即时”“频率 每日”或“频率 每周”更改。"
REMINDERS_KEEP = "里程碑提醒的时间不变。"
PAUSED = "已暂停，不再推送任何消息，订阅保留。发“恢复”继续。"
PAUSED_BEFORE = "推送已经是暂停状态。发“恢复”继续。"
RESUMED = "已恢复推送。暂停期间的消息不补发。"
NOT_PAUSED = "推送没有暂停。"
STILL_PAUSED = "推送目前已暂停，发“恢复”后才会收到。"
DATES_AHEAD = "接下来的节点："
DATE_AHEAD = "· {date} {what}，{left}"
NO_DATES_AHEAD = "已有试点均已届满，暂无后续节点；新增试点或节点时会按日期提醒。"
ALSO_MILESTONES = "要收到这些节点的提醒，发“订阅 里程碑”。"
NEXT_REMINDER = "下一次提醒：{at}。"
PROVISIONAL = "（暂定，放假安排尚未公布）"
ABOUT_MILESTONE = "{pilot}·{title}"
SENT_LAST = "最近发给您的："
SENT_NEXT = "接下来："
NOTHING_SENT = "还没有给您发过提醒或更新。"
NOTHING_PLANNED = "目前没有排定的提醒。"
PLANNED = "· {at} {what}"
TOLD = "· {at} {what}（{state}）"
TOLD_UPDATE = "政策更新：{name}，{total}项"
TOLD_TAKEN_BACK = "更新撤回：{name}，{total}项"
TOLD_CHARS = 24  # of a text that are shown
STATES = {
    "planned": "待发送",
    "sending": "发送中",
    "waiting": "等待重试",
    "sent": "已发送",
    "invalid": "无法送达",
    "withdrawn": "已撤下",
    "expired": "过期未发",
    "given_up": "发送失败",
    "unconfirmed": "是否送达未能确认",
}

# The timeline.
TIMELINE = "试点进度（{today}）"
TIMELINE_PILOT = "【{name}】"
TIMELINE_COMING = "{start} 启动，还有{left}天；{end}届满。"
TIMELINE_RUNNING = "{start} 启动，{end}届满；已进行{passed}天，还剩{left}天。"
TIMELINE_OVER = "{start} 启动，{end}届满，已过{since}天。"
TIMELINE_LAST = "上一个节点：{date} {title}"
TIMELINE_NEXT = "· {date} {title}，{left}"
TIMELINE_PAST = "· {date} {title}"
TIMELINE_LINK = '<a href="{url}">看时间轴</a>；发“订阅 里程碑”接收提醒。'
NO_PILOTS = "还没有登记试点。"

# Buttons of a reminder.
CARD_SEEN = "已知道。办妥后点“已完成”，不再提醒这个节点。"
CARD_SNOOZED = "将于 {at} 再提醒一次。"
CARD_TOO_LATE = "这个节点已经过了，不再提醒。"
CARD_NO_WORKDAY = "下一个工作日已在这个节点之后，不再提醒。"
CARD_DONE = "已完成，不再提醒这个节点。"
NOW_KNOWN = "您之前问的事情，现在可以答复了："
LEARNED = "学习：{words}"

# For admins.
IMPORT_HERE = "聊天里收不到文件，请在网页上传，先预览再确认："
TO_IMPORT = "打开导入页面"
WAITING = "待答{groups}组，共{count}次提问："
WAITING_ONE = "· {question}（{count}次）"
NONE_WAITING = "没有待答的问题。"
TO_WAITING = "去处理"
STATISTICS = "最近{days}天：{askers}人提问{questions}次，没找到{none}次，有用{useful}次，没用{useless}次。"
TO_STATISTICS = "看详细统计"
HOW_TO_ADD = "先问出一条措施，再发“加说法 老外能炒股吗”，这种问法以后就会找到它。最多100个字。"
NOTHING_TO_ADD_TO = "还没有可以加说法的回答，请先问出一条措施。"
ADDED = "已把“{phrase}”加为【{title}】的问法，马上生效。"
HOW_TO_BROADCAST = "发“发布 要通知的内容”，会先给您看预览，确认之后才发出。"
BROADCAST_PREVIEW = "预览，还没有发出，将发给{receivers}人："
TO_BROADCAST = "确认或试发"
