"""What `pilotbot check` and the admins' page say: what was found, and the next step to take."""

# Configuration
CONFIGURED = "必需的变量都有了"
MISSING = "缺少 {names}"
MISSING_STEP = "写进环境变量或 .env；从哪里抄来，见 docs/setup-guide.zh.md"
MALFORMED_STEP = "改正这个变量"
UNKNOWN = "不认识变量 {name}，它不起作用"
UNKNOWN_MEANT_STEP = "是不是想写 {meant}？"
UNKNOWN_STEP = "对照 README 的“Configuration”一节改正，或者去掉"
AIBOT = "没有设置智能机器人的变量（PILOTBOT_AIBOT_* 留作以后用，现在设了会拒绝启动）"
CLOCK_SET = "设置了 PILOTBOT_CLOCK，服务会以为现在是 {now}"
CLOCK_SET_STEP = "只供演示和测试；正式使用请去掉"

# Address
ADDRESS_FREE = "{host}:{port} 空闲，服务还没有运行"
ADDRESS_OURS = "服务正在 {host}:{port} 上运行"
ADDRESS_TAKEN_STEP = "换一个地址（PILOTBOT_HOST、PILOTBOT_PORT），或停掉占用它的程序"

# Database
DATABASE_CURRENT = "{place}，表结构是最新的（{revision}）"
DATABASE_NEW = "{place} 还是空的，启动时会自动建表"
DATABASE_OLD = "{place} 的表结构是 {revision}，启动时会自动升级到 {head}"
DATABASE_OLD_STEP = "升级前先 pilotbot backup 备份一份"
DATABASE_BAD_STEP = "检查 PILOTBOT_DATABASE_URL 或 PILOTBOT_DATA_DIR、数据库服务和账号权限"
DATABASE_NO_FOLDER = "不能在 {folder} 里写数据"
DATABASE_NO_FOLDER_STEP = "换一个 PILOTBOT_DATA_DIR，或给运行服务的账号写权限"

# Calendar
CALENDAR_KNOWN = "工作日历有 {years} 年"
CALENDAR_MISSING = "工作日历还没有 {year} 年，到时只按周末推算"
CALENDAR_STEP = "国务院办公厅公布放假安排后，用 pilotbot import 导入 {year} 年的工作日历"

# Clock
CLOCK_RIGHT = "本机时间与企业微信相差 {seconds} 秒"
CLOCK_WRONG = "本机时间比企业微信{direction} {seconds} 秒"
CLOCK_FAST, CLOCK_SLOW = "快", "慢"
CLOCK_STEP = "打开时间同步（如 systemd-timesyncd 或 chrony），否则提醒会早到或晚到"
CLOCK_UNKNOWN = "问不到企业微信的时间（{reason}）"
CLOCK_UNKNOWN_STEP = "先解决下面“{other}”一项，再检查一次"

# Callback
CALLBACK_RIGHT = "{url} 能收到消息，签名和密钥一致（{ms} 毫秒）"
CALLBACK_SLOW = "{url} 用了 {ms} 毫秒才回应，平台只等 1 秒"
CALLBACK_SLOW_STEP = "检查反向代理和这台机器的负载"
CALLBACK_NOT_RUNNING = "签名和密钥可用；服务还没有运行，{url} 没有回应（{reason}）"
CALLBACK_NOT_RUNNING_STEP = "先运行 pilotbot serve，再运行一次 pilotbot check"
CALLBACK_UNREACHABLE = "服务在运行，签名和密钥一致，但从本机打不开 {url}（{reason}）"
CALLBACK_UNREACHABLE_STEP = (
    "若在外网也打不开，检查 PILOTBOT_PUBLIC_URL、域名解析、证书、防火墙和反向代理到 {host}:{port} 的转发"
)
CALLBACK_OTHER_SIGNATURE = "{url} 拒绝了签名（403）：那边运行的服务用的是另一个 Token"
CALLBACK_OTHER_KEY = "{url} 解不开密文（400）：那边运行的服务用的是另一个 EncodingAESKey 或企业ID"
CALLBACK_OTHER_STEP = "让所有进程用同一份配置后重启，并与后台“接收消息”页核对"
CALLBACK_STRANGER = "{url} 的回应不是本服务给的（HTTP {status}）"
CALLBACK_STRANGER_STEP = "让反向代理把 /wecom/callback 原样转发给本服务，不要改写、跳转或要求登录"

# Platform
CREDENTIALS_RIGHT = "企业ID和 Secret 正确"
AGENT_RIGHT = "应用“{name}”（{agent_id}）已启用、可见，出口 IP 可信"
AGENT_DISABLED = "应用“{name}”已停用"
AGENT_INVISIBLE = "应用“{name}”的可见范围是空的，谁也看不到它"
AGENT_SILENT = "应用“{name}”可用，但没有打开“上报进入应用事件”，不会有欢迎语"
AGENT_SILENT_STEP = "应用管理 → 该应用 → 接收消息 → 勾选“用户进入应用事件”"
SKIPPED = "没有检查：{reason}"
NOT_CONFIGURED = "企业微信的变量还没有配好"
NOT_SIGNED_IN = "还拿不到 access_token"
LATER_STEP = "先解决上面的问题"

STEPS = {  # errcode -> what to do about it
    40001: "到“应用管理 → 该应用”查看 Secret，更新 PILOTBOT_WECOM_SECRET（40001）",
    40091: "到“应用管理 → 该应用”查看 Secret，更新 PILOTBOT_WECOM_SECRET（40091）",
    40013: "到“我的企业 → 企业信息”抄企业ID，更新 PILOTBOT_WECOM_CORP_ID（40013）",
    40056: "到“应用管理 → 该应用”抄 AgentId，更新 PILOTBOT_WECOM_AGENT_ID（40056）",
    301002: "Secret 和 AgentId 不是同一个应用的，一起从同一页抄一遍（301002）",
    60020: "到“应用管理 → 该应用 → 企业可信IP”加上本机的出口 IP，或设 PILOTBOT_WECOM_PROXY 走固定出口（60020）",
    50003: "到“应用管理 → 该应用”启用它（50003）",
}
STEP_VISIBLE = "到“应用管理 → 该应用 → 可见范围”加上要用它的部门或成员"
STEP_ENABLE = "到“应用管理 → 该应用”启用它"
STEP_NETWORK = "检查出口网络、PILOTBOT_WECOM_API_BASE 和 PILOTBOT_WECOM_PROXY，然后再试"
STEP_OTHER = "按上面的说明处理后再试"

# Quota
QUOTA_SET = "每天最多推送 {limit} 人次（账号上限 {accounts} × {per}）"
QUOTA_UNSET = "没有设置 PILOTBOT_WECOM_ACCOUNT_LIMIT，不按平台的每日上限控制推送"
QUOTA_STEP = "把“我的企业”里的账号上限写进去，免得超出后被平台丢弃"
