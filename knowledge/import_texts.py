"""What an import says to people, in Simplified Chinese."""

from __future__ import annotations

NOT_ONE_TEXT = "“{name}”应是一段文字"
NOT_A_LIST = "“{name}”应是一列词语"
NOT_NUMBER = "“{name}”应是数字，现在是“{value:.40}”"
NOT_STATUS = "“状态”只能是 有效 或 停用，现在是“{value:.40}”"
NOT_LINK = "“{name}”应以 http:// 或 https:// 开头，现在是“{value:.60}”"
NOT_DATE = "“{name}”应写成 2026-01-31 这样的日期，现在是“{value:.40}”"
NOT_MILESTONES = "“{name}”里有读不懂的内容，每个里程碑应有 kind，日期写成 2026-01-31"
NOT_HEADING = "“{name}”应写成“1：标题”，现在是“{value:.40}”"
TOO_LONG = "“{name}”有{length}字，最多{limit}字，请缩短"
TOO_MANY = "“{name}”有{number}个，最多{limit}个，请删减"
CONTROL_CHARACTERS = "“{name}”里有乱码或控制字符，请重新输入"
NO_KEY = "缺少“{name}”，请补上"
BAD_ID = "编号“{value:.60}”不对，应写成“文件代号/条.项”，如 mofcom-2021-63/2.13"
BAD_SLUG = "“{name}”只能用小写字母、数字和连字符，现在是“{value:.40}”"
NOT_OF_ID = "“{name}”是“{value:.40}”，和编号 {id} 对不上，请改其中一个"

NOT_YAML = "文件格式有误，请检查缩进和标点"
ALIASED = "不支持 YAML 的 & 和 * 引用，请写出完整内容"
NOT_A_PACK = "这个 YAML 文件里没有可以导入的内容，应有：{known}"
UNKNOWN_SECTION = "不认识“{value:.40}”，这里可以写：{known}"
NOT_ENTRIES = "“{value:.40}”应是一列条目，每条以“- ”开头"
NOT_FIELDS = "这一条应写成“名称: 内容”的形式"
UNKNOWN_FIELD = "不认识字段“{value:.40}”，这里可以写：{known}"
FIELD_TWICE = "字段“{value:.40}”写了两次"

REQUIRED = "{what}“{key:.60}”是新增的，还缺少“{name}”，请补上"
CANNOT_BE_EMPTY = "“{name}”不能为空"
UNKNOWN_DOCUMENT = "没有代号为“{value:.60}”的文件，请先导入该文件，或核对代号"
UNKNOWN_SECTOR = "没有板块“{value:.40}”，可用：{known}"
UNKNOWN_MEASURE = "“{name}”里的“{value:.60}”不是已有的措施编号"
REPLACED_BY_ITSELF = "“替代措施”不能是这条措施自己"
NO_SECTOR = "措施至少要有一个板块"
BACKWARDS = "失效日期早于生效日期"
BAD_BASIS = "“起始依据”应为 document（按文件日期推算）或 admin（管理员指定）"
STATED_TWICE = "{what}“{key:.60}”重复了，第一次在{place}"
ON_SHEET = "工作表“{sheet}”：{message}"
STATED_AT = "{file}第{line}行"
BAD_MONTHS = "“月数”应在1至600之间"

NO_CLAUSES = "没有找到编号的条目，也没有任务表，无法切分成措施：请核对文件内容"
BAD_GIVEN_SLUG = "文件代号“{value:.40}”只能用小写字母、数字和连字符"
SLUG_FOR_MANY = "一次导入几份文件时，不能用同一个代号"
CUT_OFF = "手头的文本在第{item}条第{ordinal}项处中断，其后的内容没有收录，请查阅发布机关的全文。"

WARN_CUT_OFF = "文本在第{item}条第{ordinal}项处中断，像是没有收全"
WARN_NO_SECTOR = "{number}条没有识别出板块，请补上：{ids}"
WARN_REWORDED = "{id} 的原文改动很大，请核对标题和摘要"
WARN_STILL_RETIRED = "{id} 已停用，但文件里仍有这一项；如需恢复，请改状态"
WARN_DRAFTED = "新增的{number}条措施，标题和摘要由原文截取，请修改成自己的话"

OF_RESPONSIBLE = "责任单位：{value}"
OF_DUE = "完成时限：{value}"


def located(file: str, line: int | None, column: int | None, message: str, unit: str = "行") -> str:
    """'措施.xlsx：第3行第7列：…' with what is known of the place.

    :param unit: what `line` counts, as a measure word: 行, 段 of a Word document, 页 of a PDF.
    """
    place = (f"第{line}{unit}" if line else "") + (f"第{column}列" if line and column else "")
    return "：".join(part for part in (file, place, message) if part)


DOES_NOT_FIT = "有一格内容长{length}字，Excel 一格最多{limit}字，请改为导出 .yaml"
TEMPLATE_HEAD = ("工作表", "怎么填")
TEMPLATE_NOTES = (
    ("通用", "第一行是列名，不要改；一行一条；不需要的列可以删掉"),
    ("通用", "空着的格表示“保持原样”；要清空一项，请填（空）"),
    ("通用", "一格里有几个词时，一行写一个（Alt+Enter 换行），或用分号隔开"),
    ("措施", "编号写成“文件代号/条.项”，如 mofcom-2021-63/2.13；已有的编号是修改，没有的是新增"),
    ("措施", "新增时必填：编号、标题、摘要（最多120字）；板块填代码或名称，第一个是主要板块"),
    ("措施", "状态填 有效 或 停用；日期写成 2026-01-31"),
    ("文件", "新增时必填：文件代号（小写字母、数字、连字符）、文件名称"),
    ("同义词", "一行一组，格里写这一组的所有说法"),
)
