"""A local AWS Lambda: any SAM template of Python functions, run as real processes, with no Docker.

The package knows nothing of what the functions compute. Its parts, each a module or a folder:

- ``stack``          what a template comes to: functions, APIs, event sources (plain data, no behaviour)
- ``template``       reads a SAM / CloudFormation file into a ``Stack``
- ``invocation``     the one interface between the servers and the runtime
- ``runtime``        execution environments, the Runtime API, pools, logs, code reload
- ``http_api``       API Gateway: HTTP API (payload 2.0), REST API (payload 1.0), function URLs
- ``invoke_api``     Lambda's own HTTP API, as boto3 and the AWS CLI speak it
- ``event_source``   the Kafka event source mapping, driven through the Invoke API only
- ``sample_events``  events of other services, to try a function with
- ``server``         both servers on their ports, over one runtime, from the sockets to the last drained request
- ``live``           an edited template served without a restart
- ``cli``            ``start-api``, ``start-lambda``, ``invoke``, ``start-esm``, ``generate-event``
"""
