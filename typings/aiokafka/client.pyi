from collections.abc import Iterable
from typing import Any

from aiokafka.protocol.admin import CreateAclsRequest
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.structs import TopicPartition

class _Cluster:
    def leader_for_partition(self, partition: TopicPartition) -> int | None: ...

class AIOKafkaClient:
    cluster: _Cluster
    def __init__(
        self,
        *,
        bootstrap_servers: str | list[str] = ...,
        security_protocol: str = ...,
        sasl_mechanism: str = ...,
        sasl_plain_username: str | None = ...,
        sasl_plain_password: str | None = ...,
    ) -> None: ...
    def get_random_node(self) -> int: ...
    async def bootstrap(self) -> None: ...
    async def close(self) -> None: ...
    async def set_topics(self, topics: Iterable[str]) -> bool: ...
    async def send(self, node_id: int, request: FetchRequest | CreateAclsRequest) -> Any: ...
