"""Made-up regulations for benchmarks: any number of articles, the same ones for the same seed, in officialese.

Every article is put together from lists of words, so that articles share most of their words and differ in how they
are combined, as the articles of real laws do.
"""

from __future__ import annotations

from random import Random

from knowledge.model import Document, Measure, Pack

SPLIT = str.split

AUTHORITIES = SPLIT(
    "海关 税务机关 市场监督管理部门 外汇管理机关 公安机关 人民银行 证券监督管理机构 银行保险监督管理机构 交通运输主管部门 "
    "商务主管部门 教育行政部门 卫生健康主管部门 药品监督管理部门 生态环境主管部门 自然资源主管部门 住房城乡建设主管部门 "
    "文化和旅游主管部门 科学技术主管部门 工业和信息化主管部门 网信部门 数据管理部门 知识产权主管部门 司法行政机关 民政部门 "
    "人力资源社会保障部门 财政部门 审计机关 统计机构 应急管理部门 农业农村主管部门 水行政主管部门 林业主管部门 气象主管机构 "
    "邮政管理部门 民用航空主管部门 海事管理机构 港口行政管理部门 铁路监督管理机构 能源主管部门 粮食和储备行政管理部门 体育主管部门 "
    "广播电视主管部门 新闻出版主管部门 电影主管部门 档案主管部门 消防救援机构 出入境管理机构 移民管理机构 综合行政执法部门 街道办事处"
)
PARTIES = SPLIT(
    "进出口货物收货人 报关企业 纳税人 扣缴义务人 用人单位 劳动者 承运人 托运人 船舶所有人 船长 引航员 旅行社 导游 民办学校 培训机构 "
    "医疗机构 执业医师 药品上市许可持有人 疫苗生产企业 化妆品注册人 食品经营者 餐饮服务提供者 网络平台经营者 个人信息处理者 "
    "数据处理者 关键信息基础设施运营者 商业银行 证券公司 基金管理人 基金托管人 期货公司 保险公司 保险经纪人 支付机构 征信机构 信托公司 "
    "融资租赁公司 商业保理公司 私募基金管理人 上市公司 控股股东 独立董事 会计师事务所 律师事务所 公证机构 仲裁机构 专利代理机构 "
    "商标注册人 著作权人 植物新品种申请人 建设单位 施工单位 监理单位 房地产开发企业 物业服务企业 排污单位 危险废物经营单位 矿山企业 "
    "种子生产经营者 兽药经营企业 快递企业 航空运营人 无人机使用人 港口经营人 电力用户 燃气经营企业 供水单位 气象信息服务单位 "
    "演出经纪机构 拍卖企业 典当行 直销企业 特许人 招标人 投标人 评标专家 社会团体 基金会 慈善组织 志愿服务组织 养老机构 幼儿园 高等学校"
)
OBJECTS = SPLIT(
    "进口保税料件 出口退税凭证 原产地证书 检验检疫证明 电子运单 提货单 船舶登记证书 船员适任证书 航行通告 危险货物申报单 集装箱号 "
    "旅游合同 出境名单 办学许可证 收费公示 学籍档案 病历资料 处方笺 药品说明书 冷链温度记录 疫苗追溯码 化妆品标签 食品添加剂 餐具消毒记录 "
    "交易日志 人脸信息 位置轨迹 数据出境评估报告 算法备案材料 等级保护测评报告 存款准备金 信贷档案 客户身份资料 大额交易报告 风险准备金 "
    "基金净值 托管账户 保证金 保单批单 理赔材料 备付金 信用报告 信托财产 租赁物 应收账款 募集说明书 年度报告 关联交易 内幕信息 审计底稿 "
    "委托代理合同 公证文书 仲裁裁决 专利年费 商标图样 作品登记 繁殖材料 施工许可证 竣工验收资料 监理日志 预售资金 维修资金 排污口 "
    "危险废物转移联单 尾矿库 种子标签 兽药批号 快件 飞行计划 空域 岸线 电能计量装置 燃气表 供水管网 预警信号 演出票 拍卖标的 当物 "
    "退换货记录 加盟费 招标文件 投标保证金 评标报告 章程 捐赠财产 服务时长 床位 校车 学位证书 噪声源 温室气体 古树名木 湿地 文物 "
    "档案目录 统计台账 消防设施 应急预案 特种设备 压力容器 电梯 计量器具 认证证书 广告内容 价格标签 直播回放 检测样品 溯源标识"
)
QUALITIES = SPLIT(
    "限期 分级 联网 书面 电子化 跨境 异地 首次 年度 季度 逐笔 双人 全程 定期 不定期 集中 分类 专门 统一 临时 紧急 补充 加急 远程 现场 "
    "抽样 随机 实名 匿名 加密 公开 内部 独立 第三方 联合 前置 事后 预先 延期 提前"
)
ACTIONS = SPLIT(
    "申报 备案 登记 核验 公示 留存 销毁 封存 转移 移交 复核 评估 检测 校准 盘点 更换 召回 下架 标注 追溯 归档 备份 脱敏 披露 报告 更正 "
    "撤回 变更 注销 续展 抵押 质押 解押 划转 结算 清退 赔付 缴存 提取 冻结 解冻 巡查 抽检 验收 试运行 停用 启用 报废 修复 迁移"
)
CONDITIONS = SPLIT(
    "发生重大变更的 遗失或者毁损的 有效期届满的 被投诉举报的 经抽查不合格的 涉及未成年人的 涉及两个以上区域的 因不可抗力中断的 "
    "委托他人办理的 属于首次进入市场的 被列入异常名录的 存在安全隐患的 当事人提出异议的 采用新技术的 跨越会计年度的 数量超过定额的 "
    "在节假日期间办理的 通过网络方式提供的 面向境外客户的 金额达到规定标准的 处于试用期的 合并或者分立的 终止营业的 转让给第三人的 "
    "已经设定担保的 逾期未领取的 样品无法复检的 需要保密的 与申请材料不一致的 由继承人提出的"
)
DUTIES = SPLIT(
    "不得委托给没有资质的单位 应当保存原始凭证 应当由两名以上人员签字 不得收取任何费用 应当在显著位置提示 不得设置不合理条件 "
    "应当接受社会监督 不得擅自中止服务 应当建立专门台账 不得泄露商业秘密 应当采取补救措施 不得重复要求提交材料 应当一次告知补正内容 "
    "不得以格式条款免除责任 应当通知利害关系人 应当投保责任保险 不得转包或者分包 应当设置过渡期 应当听取行业协会意见 应当每年开展培训"
)
PENALTIES = SPLIT(
    "责令改正 给予警告 通报批评 处以罚款 没收违法所得 暂停相关业务 吊销许可证件 列入重点监管名单 记入信用记录 责令停产整顿 "
    "扣减年度评分 取消优惠资格 限制申请新的许可 约谈主要负责人 责令公开道歉 移送有关机关处理"
)
UNITS = SPLIT("日 个工作日 个月 小时")


def articles(count: int, seed: int = 20) -> list[str]:
    """`count` different articles of 40 to 200 characters."""
    random = Random(seed)
    found: dict[str, None] = {}
    while len(found) < count:
        found[_article(random)] = None
    return list(found)


def pack(texts: list[str], per_document: int = 100) -> Pack:
    """The articles as measures that nobody has curated: a bare title and the wording."""
    slugs = [f"law-{n}" for n in range(len(texts) // per_document + 1)]
    documents = [_document(number, slug) for number, slug in enumerate(slugs, 1)]
    measures = [_measure(slugs[n // per_document], n % per_document + 1, text) for n, text in enumerate(texts)]
    return Pack(tuple(documents), measures=tuple(measures))


def _document(number: int, slug: str) -> Document:
    from datetime import date

    return Document(slug, f"第{number}部示例条例", f"示例令第{number}号", "示例市", date(2024, 1, 1))


def _measure(document: str, item: int, text: str) -> Measure:
    return Measure(f"{document}/{item}.1", document, item, 1, (), text[:24], text[:120], text=text)


def _article(random: Random) -> str:
    sentences = [_duty(random)]
    sentences += [
        random.choice((_deadline, _exception, _penalty, _power, _duty))(random) for _ in range(random.randint(1, 3))
    ]
    return "".join(sentences)


def _thing(random: Random) -> str:
    return random.choice(OBJECTS) if random.random() < 0.6 else f"{random.choice(OBJECTS)}和{random.choice(OBJECTS)}"


def _duty(random: Random) -> str:
    pick = random.choice
    return f"{pick(PARTIES)}对{_thing(random)}进行{pick(QUALITIES)}{pick(ACTIONS)}，{pick(DUTIES)}。"


def _deadline(random: Random) -> str:
    pick = random.choice
    limit = f"{random.choice((1, 2, 3, 5, 7, 10, 15, 20, 30, 45, 60, 90))}{pick(UNITS)}"
    return f"{_thing(random)}{pick(CONDITIONS)}，应当自知悉之日起{limit}内向{pick(AUTHORITIES)}办理{pick(QUALITIES)}{pick(ACTIONS)}。"


def _exception(random: Random) -> str:
    pick = random.choice
    return f"{pick(CONDITIONS)}，{pick(AUTHORITIES)}可以允许{pick(PARTIES)}对{_thing(random)}免予{pick(ACTIONS)}，但{pick(CONDITIONS)}除外。"


def _penalty(random: Random) -> str:
    pick = random.choice
    return f"{pick(PARTIES)}未按规定{pick(ACTIONS)}{_thing(random)}的，由{pick(AUTHORITIES)}{pick(PENALTIES)}，并{pick(PENALTIES)}。"


def _power(random: Random) -> str:
    pick = random.choice
    return f"{pick(AUTHORITIES)}会同{pick(AUTHORITIES)}制定{_thing(random)}的{pick(QUALITIES)}{pick(ACTIONS)}办法，并向{pick(PARTIES)}公开。"
