"""Reads a SAM or CloudFormation template of Python functions into ``lambda_emulator.stack.Stack``.

``loader`` goes from file to stack in the order of these folders:

- ``source``      the file as plain data; the line of every value, and of what the translation made of it
- ``evaluation``  parameters, loops, included files, conditions, intrinsic functions
- ``sam``         SAM to CloudFormation, by AWS's own translator, with its answers remembered
- ``resources``   functions, layers, event sources and nested stacks of the CloudFormation template
- ``apis``        its APIs, however they are written
"""

from lambda_emulator.template.discovery import find_template
from lambda_emulator.template.environment import read_environment_file
from lambda_emulator.template.errors import TemplateError
from lambda_emulator.template.evaluation.parameters import parse_parameter_overrides
from lambda_emulator.template.loader import load_stack

__all__ = ["TemplateError", "find_template", "load_stack", "parse_parameter_overrides", "read_environment_file"]
