"""Everything the bot says, in one place. Simplified Chinese, short and natural."""

WELCOME = (
    "您好，我是试点通。上海服务业扩大开放、服务贸易创新两项试点的政策，用平常的话问我就行，"
    "例如“老外能考证吗”“QFLP”“63号文第8条”。发“板块”浏览，发“帮助”看用法。"
)
RECORDED = "提示：您的提问会被记录，用于改进回答。"

HELP = """我能回答上海两项试点（63号文、24号文）里的政策措施：
· 直接提问：外资旅行社能做出境游吗
· 关键词、拼音、英文、错字都行：QFLP、luohu、digital yuan
· 查条款：63号文第8条、24号文6.4
· 板块：按领域浏览
· 数字：选列表里的一项；更多：下一页
· 详情：上一条的完整内容
· 有用 / 没用：评价上一条回答
答案都附文件和条款，以发布机关公布的全文为准。"""

BASIS = "依据：{document} {clause}"
ALSO = "另见：{document} {clause}"
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
LIST_END = "已经是最后一页了。发“板块”可以看其他领域。"
ASK_AGAIN = "刚才的列表我已经找不到了，请把问题再发一次。"

SECTORS = "共{total}项措施，回复数字或板块名称浏览："
SECTOR = "{name}（{count}项）"
EMPTY_SECTOR = "“{name}”板块暂时没有措施。"

NOT_FOUND = "没有找到对应的措施。我只收录了两份试点文件的措施，没写到的事情不敢乱答。"
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
UNAVAILABLE = "系统正在恢复，这条暂时没法处理，请稍后再发一次。"
FAILED = "抱歉，刚才出了点问题，请稍后再试。"
