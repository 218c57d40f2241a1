"""HTTP APIs, REST APIs and function URLs of a template."""
