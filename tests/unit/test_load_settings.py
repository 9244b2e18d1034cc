"""A mistake in the settings of a load run is one sentence that names the variable."""

import ast
from pathlib import Path

import pytest

from load import calls, staff
from load.errors import SettingsError
from load.settings import CLIENT_SECRET, TARGET, Settings, Target, local_stack, read
from load.staff import Client, Person
from stack.dice import Dice

ROOT = Path(__file__).parents[2]
PURE = ("arrivals", "calls", "errors", "figures", "pace", "report", "settings", "staff", "thresholds")
STACK = Target({}, "http://issuer.example/token", "stack", "a secret")
REMOTE = {
    "LOAD_INTAKE_URL": "https://intake.example",
    "LOAD_ROUTER_URL": "https://city.example/router/",
    "LOAD_MEDIATION_URL": "http://mediation.example:8080",
    "LOAD_NOTIFY_URL": "https://notify.example",
    "LOAD_TOKEN_URL": "https://issuer.example/token",
    "LOAD_CLIENT_ID": "load",
    "LOAD_CLIENT_SECRET": "very secret",
}


def chosen(**environ: str) -> Settings:
    return read(environ, lambda _: STACK)


class TestSettings:
    def test_by_default_it_is_the_local_stack_at_the_morning_peak(self) -> None:
        settings = chosen()
        assert settings.target is STACK
        assert (settings.factor, settings.minutes, settings.hour) == (10, 5, 9)

    def test_numbers_are_read(self) -> None:
        settings = chosen(LOAD_FACTOR="0.5", LOAD_THINK="0", LOAD_HOUR="23", LOAD_SEED="7", LOAD_REPORT="", PATH="/bin")
        assert (settings.factor, settings.think, settings.hour, settings.seed) == (0.5, 0, 23, 7)
        assert settings.report.name == "load.json"

    def test_another_deployment(self) -> None:
        def no_stack(_: Path) -> Target:
            raise AssertionError("nobody asked for the local stack")

        target = read(REMOTE, no_stack).target
        assert target.urls == {
            "intake": "https://intake.example",
            "router": "https://city.example/router",
            "mediation": "http://mediation.example:8080",
            "notify": "https://notify.example",
        }
        assert target.token_url == REMOTE["LOAD_TOKEN_URL"]
        assert "very secret" not in repr(target)

    def test_the_state_of_the_stack_can_be_elsewhere(self) -> None:
        asked: list[Path] = []

        def local(state: Path) -> Target:
            asked.append(state)
            return STACK

        read({"LOAD_STATE": "somewhere"}, local)
        assert asked == [Path("somewhere")]

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("LOAD_FACTOR", "0"),
            ("LOAD_FACTOR", "many"),
            ("LOAD_FACTOR", "nan"),
            ("LOAD_FACTOR", "inf"),
            ("LOAD_MINUTES", "-1"),
            ("LOAD_HOUR", "24"),
            ("LOAD_HOUR", "9.5"),
            ("LOAD_HOUR", "²"),
            ("LOAD_THINK", "-0.1"),
            ("LOAD_PATIENCE", "0"),
            ("LOAD_SEED", "x"),
            ("LOAD_FACTR", "1"),
        ],
    )
    def test_a_mistake_names_its_variable(self, name: str, value: str) -> None:
        with pytest.raises(SettingsError, match=rf"^{name} .*\.$"):
            chosen(**{name: value})

    @pytest.mark.parametrize("name", TARGET)
    def test_half_of_a_deployment_names_what_is_missing(self, name: str) -> None:
        with pytest.raises(SettingsError, match=f"^{name} is missing"):
            read({variable: value for variable, value in REMOTE.items() if variable != name})

    @pytest.mark.parametrize(
        "url", ["intake.example", "ftp://intake.example", "https://", "http://host:port", "http://["]
    )
    def test_an_address_has_to_be_one(self, url: str) -> None:
        with pytest.raises(SettingsError, match=r"^LOAD_INTAKE_URL has to be an address"):
            read({**REMOTE, "LOAD_INTAKE_URL": url})

    def test_without_any_stack_it_says_what_to_do(self, tmp_path: Path) -> None:
        with pytest.raises(SettingsError, match=f"make up.*{CLIENT_SECRET}"):
            local_stack(tmp_path)


class TestStaff:
    def test_everybody_has_a_role(self) -> None:
        people = staff.read()
        assert {person.role for person in people.everybody()} == set(staff.ROLES)
        assert people.any("agent", Dice(1)).role == "agent"
        assert people.handler("S150105004") == Person("S150105004-01", "unit_handler", "S150105004")
        assert people.leader("S150105004") == Person("S150105004-00", "street_leader", "S150105004")
        assert people.clients == {}

    def test_people_can_be_clients_of_their_own(self, tmp_path: Path) -> None:
        file = tmp_path / "staff.toml"
        file.write_text(
            staff.FILE.read_text("utf-8") + '\n[clients]\nload-a-01 = { id = "a", secret = "b" }\n', "utf-8"
        )
        assert staff.read(file).clients == {"load-a-01": Client("a", "b")}

    @pytest.mark.parametrize(
        "change",
        [("agent =", "agents ="), ('["load-p-01", "load-p-02"]', "[]"), ("{unit}", "{division}"), ("[units]", "[")],
    )
    def test_a_wrong_file_names_its_variable(self, tmp_path: Path, change: tuple[str, str]) -> None:
        file = tmp_path / "staff.toml"
        file.write_text(staff.FILE.read_text("utf-8").replace(*change), "utf-8")
        with pytest.raises(SettingsError, match=r"^LOAD_STAFF .*\.$"):
            staff.read(file)

    def test_a_missing_file_names_its_variable(self, tmp_path: Path) -> None:
        with pytest.raises(SettingsError, match=r"^LOAD_STAFF "):
            staff.read(tmp_path / "none.toml")


class TestCalls:
    def test_the_sample_appeals_go_every_way(self) -> None:
        appeals = calls.read()
        assert {appeal.disposition for appeal in appeals} == set(calls.DISPOSITIONS)
        assert {appeal.route for appeal in appeals} >= {calls.WHISTLE, calls.MEDIATION}

    def test_every_caller_is_somebody_else(self) -> None:
        dice = Dice(1)
        phones = {calls.caller(dice)[1] for _ in range(100)}
        assert len(phones) > 90
        assert all(len(phone) == 11 and phone.startswith("1380000") for phone in phones)

    def test_what_is_registered_has_no_expectation_in_it(self) -> None:
        said = calls.read()[0].said_by("赵示例", "13800001001")
        assert said.keys() == {"channel", "text", "place", "street_code", "lat", "lon", "appellant"}

    @pytest.mark.parametrize("content", ["", "{}", "[]", "nonsense", '{"expected": {"disposition": "forget"}}'])
    def test_a_wrong_file_names_its_variable(self, tmp_path: Path, content: str) -> None:
        file = tmp_path / "appeals.jsonl"
        file.write_text(content)
        with pytest.raises(SettingsError, match=r"^LOAD_APPEALS .*\.$"):
            calls.read(file)

    def test_a_missing_file_names_its_variable(self, tmp_path: Path) -> None:
        with pytest.raises(SettingsError, match=r"^LOAD_APPEALS "):
            calls.read(tmp_path / "none.jsonl")


@pytest.mark.parametrize("name", PURE)
def test_what_is_pure_needs_no_locust(name: str) -> None:
    """Whoever imports Locust has their sockets patched: these modules, which tests import, do not."""
    tree = ast.parse((ROOT / "load" / f"{name}.py").read_text("utf-8"))
    imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    ours = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "load"
        for alias in node.names
    }
    ours |= {name.removeprefix("load.") for name in imported if name.startswith("load.")}
    assert ours <= set(PURE)
    assert not {name for name in imported if name.startswith(("locust", "gevent"))}
