"""Schedules: invokes functions when EventBridge rules and EventBridge Scheduler would.

``cron`` and ``expression`` say when, ``event`` says with what, ``delivery`` calls the Lambda API, and ``service`` holds
them together; ``commands`` is ``start-schedules``.
"""
