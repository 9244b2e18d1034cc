"""The local stack: Apache Kafka, PostgreSQL, a development OIDC issuer, an SMS gateway, the services."""
