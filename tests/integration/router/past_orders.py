"""Histories of many finished orders, made by SQL: one in three by its street, one by its sector, one by hand."""

from datetime import datetime

import asyncpg

from chassis.reference import CITY
from tests.integration.router.order_desk import LOCALITY_ITEM, STREET

SECTOR_ITEM, SECTOR_UNIT = "0101", "E15010001"
FIRST = datetime(2026, 3, 2, 9, 0, tzinfo=CITY)
LIMIT_DAYS = 9
"""When they were dispatched, the n-th n minutes after the first; the end of every limit lay so many days after that."""

_EVENTS = """
INSERT INTO events (aggregate, id, version, event_id, type, issue_id, data, meta, recorded_at, published_at, epoch)
SELECT 'order', o.id, e.version, md5(o.id::text || e.version)::uuid, 'qingcheng.router.order.' || e.type || '.v1', o.id,
       e.data, '{"actor": "test", "traceparent": null, "hop": null}', e.at, e.at, 1
FROM (
    SELECT n, md5('past order ' || n)::uuid AS id, $2::timestamptz + n * interval '1 minute' AS at,
           n % 3 = 2 AS by_hand, CASE n % 3 WHEN 1 THEN $4 ELSE $3 END AS item,
           CASE n % 3 WHEN 1 THEN $6 ELSE $5 END AS unit,
           $2::timestamptz + n * interval '1 minute' + n % 3 % 2 * interval '1 hour'
               + CASE n % 3 WHEN 1 THEN 0 ELSE n % 12 END * interval '1 day' AS submitted
    FROM generate_series(0, $1::int - 1) n
) o,
LATERAL (VALUES
    (1, 'opened', o.at, jsonb_build_object(
        'issue_id', o.id, 'kind', 'complaint', 'item_code', o.item, 'urgency', 'normal', 'channel', 'hotline',
        'street_code', CASE WHEN o.by_hand THEN NULL ELSE substr($5, 2) END, 'appeals', jsonb_build_array(o.id),
        'queue_reason', CASE WHEN o.by_hand THEN 'unknown_place' END, 'dispatch_due', o.at + interval '2 hours')),
    (2, 'dispatched', o.at, jsonb_build_object(
        'issue_id', o.id, 'appeals', jsonb_build_array(o.id), 'co_handlers', '[]'::jsonb,
        'rule', CASE WHEN o.by_hand THEN 'dispatcher' WHEN o.n % 3 = 1 THEN 'sector' ELSE 'locality' END,
        'reference_version', 'old', 'contact_hours', 24, 'limit_working_days', 7,
        'promised_at', o.at + $7 * interval '1 day', 'by', CASE WHEN o.by_hand THEN 'D1' END,
        'obligations', jsonb_build_array(jsonb_build_object(
            'unit', o.unit, 'role', 'lead', 'sign_due', o.at + interval '2 hours',
            'contact_due', o.at + interval '1 day', 'yellow_at', o.at + interval '7 days',
            'due', o.at + $7 * interval '1 day')))),
    (3, 'signed', o.at, jsonb_build_object('unit', o.unit, 'automatic', false, 'by', 'U1')),
    (4, 'contacted', o.at, jsonb_build_object('unit', o.unit, 'visit', false, 'in_time', true, 'by', 'U1')),
    (5, 'result_submitted', o.submitted, jsonb_build_object(
        'unit', o.unit, 'result_id', 'result/1', 'source', 'unit', 'in_time', true,
        'submitted_at', o.submitted, 'review_due', o.submitted + interval '1 day')),
    (6, 'completed', o.submitted, jsonb_build_object(
        'issue_id', o.id, 'round', 1, 'appeals', jsonb_build_array(o.id), 'units', jsonb_build_array(o.unit),
        'revisit_due', o.submitted + interval '5 days', 'by', 'R1')),
    (7, 'closed', o.submitted, jsonb_build_object('issue_id', o.id, 'outcome', 'resolved', 'reworks', 0))
) e (version, type, at, data)
ORDER BY o.n, e.version
"""


async def make_past(conn: "asyncpg.Connection[asyncpg.Record]", orders: int) -> None:
    """So many orders, seven events each."""
    await conn.execute(_EVENTS, orders, FIRST, LOCALITY_ITEM, SECTOR_ITEM, STREET, SECTOR_UNIT, LIMIT_DAYS, timeout=600)


def was_late(number: int) -> bool:
    """Whether the n-th order's result came after its limit."""
    return number % 3 != 1 and number % 12 > LIMIT_DAYS
