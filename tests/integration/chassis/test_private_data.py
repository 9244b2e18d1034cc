"""Personal data are encrypted in the command's own transaction and stand nowhere else."""

from asyncpg.pool import Pool

from chassis.aggregate import To
from chassis.database import Secrets
from chassis.private_data import Vault
from tests.integration.chassis.process import Process, count
from tests.integration.chassis.requests import a_request
from tests.integration.chassis.sample import FollowUp, Register, an_id, issues

PHONE = "13804711234"
TABLES = ("issues", "events", "deadlines", "idempotency_keys", "private_data", "dead_letters", "journal", "inbox")


async def test_private_data_come_back_only_through_the_vault(process: Process, pool: Pool, vault: Vault) -> None:
    issue, secrets = an_id(), Secrets(pool, vault)
    private = {"contact/1/name": "巴特尔", "contact/1/phone": PHONE, "text": "热力不足"}
    await process.submit(To(issues, issue, Register(), private), request=a_request())
    assert await secrets.read("issue", issue, "text") == "热力不足"
    assert await secrets.read("issue", issue, "absent") is None
    assert await secrets.read_all("issue", issue, "contact/1/") == {
        "contact/1/name": "巴特尔",
        "contact/1/phone": PHONE,
    }
    for table in TABLES:
        for row in await pool.fetch("SELECT t::text AS text FROM <table> t".replace("<table>", table)):
            assert PHONE not in row["text"]
            assert "巴特尔" not in row["text"]
    assert await pool.fetchval("SELECT DISTINCT key_id FROM private_data") == "new"
    assert await pool.fetchval(
        "SELECT bool_and(position($1::bytea IN ciphertext) = 0) FROM private_data", PHONE.encode()
    )


async def test_private_data_change_only_when_something_happens(process: Process, pool: Pool, vault: Vault) -> None:
    issue, secrets = an_id(), Secrets(pool, vault)
    await process.execute(issues, issue, Register(), private={"text": "一"})
    await process.execute(issues, issue, FollowUp(), private={"text": "二"})
    await process.execute(issues, issue, Register(), private={"text": "三"})  # nothing happened
    assert await secrets.read("issue", issue, "text") == "二"
    assert await count(pool, "private_data") == 1
