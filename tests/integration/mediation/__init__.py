"""Mediation over HTTP, Kafka and PostgreSQL."""
