from collections.abc import Mapping
from typing import Any

class NewTopic:
    def __init__(
        self,
        name: str,
        num_partitions: int,
        replication_factor: int,
        replica_assignments: Mapping[int, list[int]] | None = ...,
        topic_configs: Mapping[str, str] | None = ...,
    ) -> None: ...

class CreateTopicsResponse:
    topic_errors: list[tuple[str, int, str | None]]

class DescribeGroupsResponse:
    def to_object(self) -> dict[str, Any]: ...

class AIOKafkaAdminClient:
    def __init__(
        self,
        *,
        bootstrap_servers: str | list[str] = ...,
        client_id: str = ...,
        request_timeout_ms: int = ...,
        security_protocol: str = ...,
        sasl_mechanism: str = ...,
        sasl_plain_username: str | None = ...,
        sasl_plain_password: str | None = ...,
    ) -> None: ...
    async def start(self) -> None: ...
    async def close(self) -> None: ...
    async def create_topics(
        self, new_topics: list[NewTopic], timeout_ms: int | None = ..., validate_only: bool = ...
    ) -> CreateTopicsResponse: ...
    async def delete_topics(self, topics: list[str], timeout_ms: int | None = ...) -> object: ...
    async def list_topics(self) -> list[str]: ...
    async def describe_topics(self, topics: list[str] | None = ...) -> list[dict[str, Any]]: ...
    async def describe_consumer_groups(self, group_ids: list[str]) -> list[DescribeGroupsResponse]: ...
