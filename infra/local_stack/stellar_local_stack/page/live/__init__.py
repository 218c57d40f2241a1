"""The Kafka stream as it is classified, for as many watchers as there are.

- ``reader``     a thread that reads the topics while somebody watches
- ``records``    what the records of a topic tell
- ``tally``      counts and rate
- ``broadcast``  events to every watcher, none of whom waits for another
- ``backlog``    how far the event source mapping is behind
- ``feed``       synthetic objects at a chosen rate
- ``stream``     all of these together
- ``routes``     their HTTP calls
"""
