"""``stellar deploy``: the template, its functions and its layer on an AWS that runs on this machine.

- ``build``     ``sam build``, in an environment of SAM's own
- ``package``   what was built as zip files in a bucket, and the template that points there
- ``expand``    that template without SAM, and without what small emulators do not read
- ``stack``     CloudFormation: make or change the stack, and wait
- ``cli``       the commands

For AWS itself, ``sam deploy`` does all of this, and ``stellar deploy aws`` hands over to it.
"""
