"""From SAM to plain CloudFormation, by AWS's own translator."""
