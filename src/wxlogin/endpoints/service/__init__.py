"""The service plane (http-api.md §5), an area a file: for the team's other servers."""
