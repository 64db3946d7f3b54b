#!/bin/sh
# Makes the secrets of a stack that are not there yet, on a manager of the swarm: secrets.sh [TLS_NAME]
# The certificate for TLS_NAME is self-signed. Your own, before that:
#   docker secret create doctorai_tls_crt tls.crt && docker secret create doctorai_tls_key tls.key
set -eu

prefix="${STACK:-doctorai}"
cli="${REGISTRY:-doctorai}/cli:${TAG:-latest}"

there() { docker secret inspect "${prefix}_$1" >/dev/null 2>&1; }

random() { head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=\n'; }

create() {
  printf %s "$2" | docker secret create "${prefix}_$1" - >/dev/null
  echo "made ${prefix}_$1"
}

certificate() {
  # in a variable first: a pipe would hide that its left side failed
  pair="$(docker run --rm --network none --entrypoint sh "$cli" -c \
    'python -m cli.certificate /certificates "$0" >&2 && cat /certificates/tls.crt /certificates/tls.key' "$1")"
  key='-----BEGIN PRIVATE KEY-----'
  create tls_crt "${pair%%"$key"*}"
  create tls_key "$key${pair#*"$key"}"
}

docker secret ls >/dev/null # says why where this is not a manager

tls=0
! there tls_crt || tls=$((tls + 1))
! there tls_key || tls=$((tls + 1))
if [ "$tls" = 1 ]; then
  echo "one of ${prefix}_tls_crt and ${prefix}_tls_key is there; both or none are wanted" >&2
  exit 1
fi
[ "$tls" = 2 ] || certificate "${1:-localhost}"

for name in redis_password service_token secret_key admin_password; do
  there "$name" || create "$name" "$(random)"
done
