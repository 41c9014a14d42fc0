"""What the readers say to people."""

from __future__ import annotations

EMPTY = "文件是空的"
TOO_SLOW = "文件太复杂，读了很久还没有读完：请拆成几份，或另存为 .txt 再导入"
NOT_TEXT = "这不是文字文件：请导入 .txt、.md、.html、.docx 或 .pdf"
ENCODING = "这里的文字编码认不出来：请把文件另存为 UTF-8 编码"

OLD_WORD = "这是旧版 Word（或 WPS）文件：请另存为 .docx 再导入"
RTF = "这是 RTF 文件：请另存为 .docx 再导入"
WEB_ARCHIVE = "这是网页归档文件：请另存为 .html 再导入"
NOT_PDF = "扩展名是 .pdf，内容却不是 PDF：请核对文件"
NOT_DOCX = "扩展名是 .docx，内容却不是 Word 文件：请核对文件"
OTHER_ZIP = "这是压缩包或其他 Office 文件，不是 .docx：请核对文件"

DAMAGED_OFFICE = "这个文件打不开，可能已损坏：请用 Word、Excel 或 WPS 重新保存"
MACROS = "这个文件带有宏，不予导入：请另存为不带宏的 .docx 或 .xlsx"
EXTERNAL = "这个文件引用了外部内容，不予导入：请断开链接后重新保存"
DOCTYPE = "这个文件含有不该有的 XML 声明，不予导入"
ZIP_BOMB = "这个文件解压后大得不正常，不予导入"
TOO_DEEP = "这个文件的结构层次多得不正常，不予导入"
ENCRYPTED = "这个文件有密码：请去掉密码再导入"

OLD_EXCEL = "这是旧版 Excel（或 WPS）文件：请另存为 .xlsx 再导入"
NOT_XLSX = "扩展名是 .xlsx，内容却不是 Excel 文件：请核对文件"
NO_HEADER = "没有找到表头：请在第一行写上列名，如 编号、标题、摘要，或下载模板填写"
UNKNOWN_COLUMN = "不认识列“{value:.40}”，可用的列名：{known}"
COLUMN_TWICE = "列“{value:.40}”出现了两次"
BAD_CELL = "这个单元格的公式出错了（{value:.20}），请改成内容"
BAD_CSV = "这一行的引号不成对，读不下去"

DAMAGED_PDF = "这个 PDF 打不开，可能已损坏：请重新导出"
PASSWORD = "这个 PDF 有密码：请去掉密码再导入"  # noqa: S105 - a message, not a secret
SCANNED = "这个 PDF 里没有文字，可能是扫描件：请先做文字识别"
DAMAGED_HTML = "这个网页的标记有误，读不下去：请另存为 .txt 再导入"


def too_large(limit_mb: int) -> str:
    return f"文件超过 {limit_mb} MB：请拆成几份再导入"


def too_many_pages(pages: int, limit: int) -> str:
    return f"PDF 有 {pages} 页，最多 {limit} 页：请拆成几份再导入"


def located(file: str, line: int | None, column: int | None, message: str) -> str:
    """'方案.txt：第3行第7列：…' with what is known of the place."""
    place = (f"第{line}行" if line else "") + (f"第{column}列" if line and column else "")
    return "：".join(part for part in (file, place, message) if part)


def too_many_rows(limit: int) -> str:
    return f"超过 {limit} 行：请拆成几份再导入"
