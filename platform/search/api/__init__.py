"""The search for other tools: JSON, described by OpenAPI."""
