"""What a function's process starts from: a Python, the packages of the Lambda runtime, and those that it lists itself.

On AWS a function sees the runtime client, boto3, its layers and its own folder, and nothing else. Here the packages of
its ``requirements.txt`` come beside that without a build step, as ``sam build`` would put them into the folder.

- ``interpreters``     which Python runs ``Runtime: python3.13``
- ``managed_runtime``  an environment of that Python with the runtime client and boto3 alone
- ``requirements``     the files that list packages, and what they come to
- ``uv``               installs them
- ``cache``            each installation once, whoever asks for it
- ``homes``            all of this for one function
"""

from lambda_emulator.dependencies.errors import DependencyError
from lambda_emulator.dependencies.homes import Home, Homes, OwnHomes, SharedHome

__all__ = ["DependencyError", "Home", "Homes", "OwnHomes", "SharedHome"]
