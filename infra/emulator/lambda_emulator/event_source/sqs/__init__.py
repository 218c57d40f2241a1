"""The mapping of an SQS queue.

``config`` (settings and AWS's limits), ``queue`` (the calls of SQS), ``messages`` (what the function gets, and which
messages it asks for again), ``filters``, ``poller`` (receive, invoke, delete), ``mapping`` (states).
"""
