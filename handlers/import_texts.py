"""What importing says to people, beside what is wrong with single entries (knowledge.import_texts)."""

from __future__ import annotations

READING = "正在读取 {file}"
COMPARING = "正在与现有内容比较"
NO_SLUG = "看不出这是哪份文件：请给出文件代号（命令行用 --slug，只用小写字母、数字和连字符）"
DOCUMENT_TWICE = "和另一个文件是同一份文件（{slug}），一次只能导入一个"

COUNTS = "新增 {added}，修改 {changed}，不变 {unchanged}，停用 {retired}"
FAULTY = "{number} 处有误，什么都没有导入"
REASON = "导入 {files}"
OUTDATED = "导入期间有人修改了内容，什么都没有导入，请再试一次"
