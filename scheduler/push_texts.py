"""What pushed messages say, in Simplified Chinese."""

SOURCE = "试点通"
SEEN = "知道了"
DONE = "已完成"
TOMORROW = "明天再提醒"
DATE = "日期"
UPDATED = "【政策更新】{names}：{total}项有变化"
UPDATE_REST = "另有{rest}项，发板块名称可浏览。"
ACTS = {"added": "新增", "changed": "修订", "retired": "停用"}
