"""The public plane (http-api.md §2–§4), an area a file: its messages, handlers and routes."""
