"""What a mapping shows: the Lambda API's calls, ``/status``, and the commands."""
