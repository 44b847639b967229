"""The operators' console: its built pages, and the door that serves them with their interface.

Owns the headers, the files and the process's routes; every act is the core's. No public route
is ever mounted here, and no operator's route anywhere else (security.md D03).
"""
