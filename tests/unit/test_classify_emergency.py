"""突发警情: danger is found in the words that people have for it; what only sounds like it is doubtful, not silent."""

import pytest

from services.intake.classify.emergency import FILE, EmergencyRule, load
from services.intake.classify.train import own_phrases


@pytest.fixture(scope="module")
def rule() -> EmergencyRule:
    return load()


@pytest.mark.parametrize(
    ("text", "danger", "agency"),
    [
        ("库房那边着起来了，火苗子蹿得比房檐还高", "fire", "119"),
        ("一开灶台柜子就是臭鸡蛋味，娃娃说头晕", "gas", "119"),
        ("盖房的墙垮了，底下压着两个工人", "explosion", "119"),
        ("有个后生踩空掉到井里头了，喊他还应声", "trapped", "119"),
        ("奶奶早起出门到现在没回来，她糊涂，外头零下二十度", "trapped", "119"),
        ("炉子封得太死，一家人都迷糊，叫不醒", "medical", "120"),
        ("我爹猛不丁栽倒，口吐白沫", "medical", "120"),
        ("同学发消息说不想活了，人也寻不见", "suicide", "110"),
        ("门口两伙人拿着棍子打起来了，有人满头血", "crime", "110"),
        ("有个戴口罩的正撬对门的锁", "crime", "110"),
        ("厨房着火了，顺着窗户往上蹿，我害怕，再不来要出人命", "fire", "119"),
        ("大车和面包车撞上了，司机卡在里头喊疼", "traffic", "122"),
    ],
)
def test_danger_in_the_words_of_people_is_a_certain_sign(
    rule: EmergencyRule, text: str, danger: str, agency: str
) -> None:
    signs = {sign.danger: sign for sign in rule.signs(text)}
    assert signs[danger].certain
    assert signs[danger].agency == agency


@pytest.mark.parametrize(
    "text",
    [
        "去年这栋楼起火，消防车进不来，到现在也没人管",
        "楼道里堆满纸箱子，万一着火谁也跑不了",
        "单位要搞消防演练，模拟厨房着火，想请人来讲讲",
        "去年他在工地触电，工伤认定怎么申请",
        "燃气报警器响了，师傅来查说没漏，是误报",
    ],
)
def test_past_feared_or_harmless_danger_is_doubtful_and_still_seen(rule: EmergencyRule, text: str) -> None:
    signs = rule.signs(text)
    assert signs
    assert not any(sign.certain for sign in signs)


@pytest.mark.parametrize(
    "text",
    ["灶上打不着火，充了气也不行", "物业费涨了三毛，开会也没通知", "路灯黑了半个月", "公交车等了四十分钟", ""],
)
def test_ordinary_matters_show_no_sign(rule: EmergencyRule, text: str) -> None:
    assert rule.signs(text) == []


def test_words_far_apart_are_no_sign(rule: EmergencyRule) -> None:
    assert rule.signs("爷爷走丢了")
    assert rule.signs("爷爷" + "说他认得路，" * 5 + "那只猫走丢了") == []


def test_every_group_names_its_source() -> None:
    assert FILE.read_text("utf-8").count("\n[[group]]") == FILE.read_text("utf-8").count('\nsource = "[A]')


def test_most_phrases_about_emergencies_show_a_sign_and_few_others_do(rule: EmergencyRule) -> None:
    emergencies = {"0105", "1701", "1702", "1703"}
    found = [(code in emergencies, bool(rule.signs(text))) for code, text in own_phrases()]
    of_emergencies = [seen for is_one, seen in found if is_one]
    of_others = [seen for is_one, seen in found if not is_one]
    assert sum(of_emergencies) / len(of_emergencies) > 0.7
    assert sum(of_others) / len(of_others) < 0.06
