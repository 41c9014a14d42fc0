"""What importing says to people, beside what is wrong with single entries (knowledge.import_texts)."""

from __future__ import annotations

READING = "正在读取 {file}"
READING_ROWS = "正在读取 {file}：第 {row} 行"
WRITING = "正在写入"
COMPARING = "正在与现有内容比较"
ASKING_AGAIN = "正在看哪些回答会变"
NO_SLUG = "看不出这是哪份文件：请给出文件代号（只用小写字母、数字和连字符）"
SLUG_OPTION = "{faulty}；文件代号用 --slug 给出"
ASK_SLUG = "{file} 的文件代号（小写字母、数字和连字符，如 mofcom-2021-63）："
DOCUMENT_TWICE = "和另一个文件是同一份文件（{slug}），一次只能导入一个"

COUNTS = "新增 {added}，修改 {changed}，不变 {unchanged}，停用 {retired}"
FAULTY = "{number} 处有误，什么都没有导入"
REASON = "导入 {files}"
OUTDATED = "导入期间有人修改了内容，什么都没有导入，请再试一次"

UNDO = "撤销第{change}号"
RESTORE = "恢复到第 {revision} 版"

ACCEPTED = "采纳文中的期限"
IGNORED = "忽略文中的期限"

ADDED = "＋ {what} {key} {title}"
CHANGED = "～ {what} {key} {title}"
RETIRED = "－ {what} {key} {title}（停用）"
FIELD = "    {name}：{text}"
REST = "……另有 {number} 处"
ANSWERS = "{number} 个问过的问题会得到不同的回答（试了最近 {asked} 个）："
ANSWER = "    {question}：{before} → {after}"
NOT_FOUND = "没有找到"
FOLLOWERS = "会通知 {number} 位订阅者"
PROPOSALS = "文中有 {number} 个期限，导入后可在管理页面的“资料 → 文件”里设为里程碑："
PROPOSAL = "    {date} {measure} {title}"
LEFT_OUT = "{number} 句没有列为措施，请核对有没有漏掉的："
LEFT_OUT_ONE = "    {sentence}"
DRY_RUN = "以上只是预演，什么都没有改动"
