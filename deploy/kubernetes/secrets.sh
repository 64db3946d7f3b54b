#!/usr/bin/env bash
# Makes the Secrets that are not there yet, random, from files that never lie on a disk; those that are there stay.
#   bash deploy/kubernetes/secrets.sh [options of kubectl]
set -euo pipefail

random() { openssl rand -hex 32 | tr -d '\n'; }

make() { # NAME KEY=FILE…
  local name=$1
  shift
  if kubectl get secret "$name" -n doctorai "${options[@]}" >/dev/null 2>&1; then
    echo "secret/$name is there already" >&2
  else
    kubectl create secret generic "$name" -n doctorai "${@/#/--from-file=}" "${options[@]}"
  fi
}

options=("$@")
make doctorai-shared service_token=<(random)
# Secrets of their own: a system with one password for all gets them, and keeps the others
make doctorai-redis-service redis_service_password=<(random)
make doctorai-redis-gateway redis_gateway_password=<(random)
make doctorai-gateway secret_key=<(random) admin_password=<(random)
make doctorai-metrics metrics_token=<(random)
