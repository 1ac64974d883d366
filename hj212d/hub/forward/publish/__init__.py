"""Frames as JSON to MQTT, Kafka and HTTP: what is common, and one file a protocol."""
