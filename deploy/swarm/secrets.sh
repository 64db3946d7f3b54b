#!/bin/sh
# Makes a stack's secrets where there are none, on a manager of the swarm: secrets.sh [TLS_NAME]
# The certificate for TLS_NAME is self-signed. Your own, before that:
#   docker secret create doctorai_tls.crt tls.crt && docker secret create doctorai_tls.key tls.key
set -eu

prefix="${STACK:-doctorai}"
cli="${REGISTRY:-doctorai}/cli:${TAG:-latest}"

missing() {
  for name; do docker secret inspect "${prefix}_$name" >/dev/null 2>&1 || echo "$name"; done
}

# COMMAND NAME…: what COMMAND writes under these names in the container. They belong together, and none can be read back.
make() {
  command="$1"
  shift
  absent="$(missing "$@")"
  if [ -z "$absent" ]; then return; fi
  if [ "$absent" != "$(printf '%s\n' "$@")" ]; then
    echo "some of these secrets are there, some are not; remove them or make the others:" "$@" >&2
    exit 1
  fi
  # in a variable first: a pipe would hide that its left side failed
  made="$(docker run --rm --network none -e SECRET_KEY -e ADMIN_PASSWORD -e SERVICE_TOKEN --entrypoint sh "$cli" -ec \
    "$command >&2"'; for name; do echo "$name $(find /secrets* /certificates -name "$name" -exec base64 -w 0 {} +)"; done' \
    sh "$@")"
  echo "$made" | while read -r name content; do
    echo "$content" | base64 -d | docker secret create "${prefix}_$name" - >/dev/null
    echo "made ${prefix}_$name"
  done
}

docker secret ls >/dev/null # says why where this is not a manager
make "python -m cli.certificate /certificates '${1:-localhost}'" tls.crt tls.key
make "python -m cli.secrets /secrets /secrets-gateway /secrets-redis" service_token secret_key admin_password users.acl \
  redis_service_password redis_gateway_password redis_health_password redis_backup_password redis_admin_password
