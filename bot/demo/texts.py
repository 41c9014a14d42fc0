"""What people read on the sandbox page and in its findings, in one place; the page's script has texts.js."""

from __future__ import annotations

from bot.demo.model import Person

PEOPLE = (
    Person("zhangmin", "张敏", "企业员工"),
    Person("liqiang", "李强", "主管部门", department=2),
    Person("wangfang", "王芳", "管理员"),
    Person("DavidM", "大卫", "外籍专家"),
    Person("chenchen", "陈晨", "园区服务", department=3),
)

EXAMPLES = (
    "老外能考证吗",
    "QFLP",
    "63号文第8条",
    "数字人民弊",
    "yiwangtongban",
    "沿海捎帶",
    "金融",
    "今天天气",
)

PLACE = "上海市黄浦区人民大道200号"
BAD_STATE = "state 只能是 128 个以内的字母和数字"

# What `python -m bot.demo` prints: where the platform's own pages show each value.
CARD = """
  企业ID           {account.corp_id}
  AgentId          {account.agent_id}
  Secret           {account.secret}
  Token            {account.token}
  EncodingAESKey   {account.aes_key}
  接口地址         {base}   （代替 https://qyapi.weixin.qq.com）
  回调地址         {callback}
  聊天页面         {base}/sandbox/   （“报文”里有“保存回调”；Ctrl+C 停止）
"""

# What a person did that is not a message, as a line in the chat.
ENTERED = "打开了应用"
LEFT = "离开了应用的可见范围"
JOINED = "进入了应用的可见范围"
CLICKED = "点击菜单「{name}」"
VIEWED = "打开链接 {url}"
LOCATED = "上报了位置"
PRESSED = "点击卡片按钮「{name}」"
OTHER_EVENT = "事件 {name}"

# Findings about the app's answer to the URL check.
WRONG_STATUS = "状态码 {status}，应为 200"
ECHO_DIFFERS = "应原样返回明文，不带引号、BOM 或换行"
TOO_SLOW = "{seconds:g} 秒内没有应答"
UNREACHABLE = "连不上回调地址"

# Findings about passive replies.
NOT_XML = "回复不是格式完好的 XML"
FIELD_COUNT = "回复里的 {name} 应恰好出现一次且不为空"
BAD_NUMBER = "{name} 不是整数"
BAD_BASE64 = "Encrypt 不是规范的 Base64，或长度不是 32 的倍数"
BAD_SIGNATURE = "MsgSignature 与内容不符"
WRONG_RECEIVER = "密文里的接收方不是本企业"
BAD_CIPHER = "密文解不开"
BAD_PADDING = "密文的填充不合规"
WRONG_ADDRESS = "{name} 应为 {expected}"
BAD_TYPE = "被动回复不支持 {name}"
BAD_ARTICLES = "图文应有 1 到 {limit} 条，且与 ArticleCount 一致"
NO_MEDIA = "MediaId 不存在或已过期"
NO_REPLY_HERE = "这类事件不接受此回复，平台已忽略"
EMPTY_TEXT = "正文为空，平台不显示"
CUT_BYTES = "{name} 超过 {limit} 字节，平台已截断"
CUT_CHARS = "{name} 超过 {limit} 个字，平台已截断"
LONG = "{name} 超过建议的 {limit} 个字，客户端可能显示不全"

# Limits that drop a message in silence.
PER_MINUTE = "同一成员每分钟超过 {limit} 条"
PER_HOUR = "同一成员每小时超过 {limit} 条"
