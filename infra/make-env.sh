#!/bin/sh
# infra/.env for infra/compose.yaml: every value that infra/.env.example leaves empty gets a random one. What is there
# already stays as it is, so it can be run again when a later version asks for more.
set -eu
cd "$(dirname "$0")"
umask 077
random() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
touch .env
chmod 600 .env
while IFS= read -r line; do
  name=${line%%=*}
  case $line in
    '' | '#'*) continue ;;
    AIRFLOW_FERNET_KEY=) value=$(head -c 32 /dev/urandom | base64 | tr '+/' '-_') ;;
    *=) value=$(random) ;;
    *) value=${line#*=} ;;
  esac
  if grep -q "^$name=." .env; then continue; fi
  grep -v "^$name=" .env >.env.new || true # a line without a value, copied from the example
  printf '%s=%s\n' "$name" "$value" >>.env.new
  mv .env.new .env
done <.env.example
echo "infra/.env is complete; its passwords are this machine's own."
