#!/bin/sh
# Makes the secrets of a stack that are not there yet, on a manager of the swarm: secrets.sh [TLS_NAME]
# A self-signed certificate for TLS_NAME; your own: cat tls.crt tls.key | docker secret create doctorai_tls -
set -eu

prefix="${STACK:-doctorai}"
cli="${REGISTRY:-doctorai}/cli:${TAG:-latest}"

there() { docker secret inspect "${prefix}_$1" >/dev/null 2>&1; }

random() { head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=\n'; }

certificate() {
  docker run --rm --network none --entrypoint sh "$cli" -c \
    'python -m cli.certificate /certificates "$0" >&2 && cat /certificates/tls.crt /certificates/tls.key' "$1"
}

# held in a variable first: a pipe would hide that its left side failed
create() {
  printf %s "$2" | docker secret create "${prefix}_$1" - >/dev/null
  echo "made ${prefix}_$1"
}

docker secret ls >/dev/null  # says why where this is not a manager

for name in redis_password service_token secret_key admin_password; do
  there "$name" || { value="$(random)"; create "$name" "$value"; }
done
there tls || { value="$(certificate "${1:-localhost}")"; create tls "$value"; }
