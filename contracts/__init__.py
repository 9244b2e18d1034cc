"""The shared language of the services: events, topics, envelope and enumerations. Imports nothing of ours."""
