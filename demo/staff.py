"""Who works in the demo: people with a number, roles and a unit, each with a token of their own."""

from stack.tokens import Staff

AGENTS = tuple(Staff(f"12345-{number:03}", ("agent",)) for number in range(1, 5))  # 话务员
PARTNER = Staff("partner-01", ("partner",))  # 网站、移动端等渠道
SUPERVISOR = Staff("12345-901", ("supervisor",))  # 督办员, also the second person of a decline
DISPATCHER = Staff("12345-201", ("dispatcher",))  # 派单员
REVIEWER = Staff("12345-301", ("reviewer",))  # 审核员
REVISITOR = Staff("12345-401", ("revisitor",))  # 回访员
CLERK = Staff("centre-01", ("centre_clerk",))  # 综治中心窗口
PROXY = Staff("proxy-01", ("petition_proxy",))  # 代办员
MEDIATORS = tuple(Staff(f"mediator-{number:02}", ("mediator",)) for number in range(1, 5))  # 调解员
ADMIN = Staff("ops-01", ("admin",))  # 运维
