"""Starts and stops everything one street needs on one machine: PostgreSQL, Valkey, web, worker, scheduler.

Nothing here imports ``app`` or ``tenants``: the supervisor must be able to explain why they do not start.
"""
