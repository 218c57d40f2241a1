"""Reads a SAM or CloudFormation template of Python functions into ``emulator.stack.Stack``."""

from emulator.template.discovery import find_template
from emulator.template.environment import read_environment_file
from emulator.template.errors import TemplateError
from emulator.template.loader import load_stack
from emulator.template.parameters import parse_parameter_overrides

__all__ = ["TemplateError", "find_template", "load_stack", "parse_parameter_overrides", "read_environment_file"]
