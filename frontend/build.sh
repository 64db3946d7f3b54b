#!/bin/sh
# Builds the page for `make setup`. It never fails: without Node, or a registry of its packages, the API runs all the
# same, and one line says why there is no page. `make page` is for who works on it.
cd "$(dirname "$0")" || exit 0

not_built() {
  echo "the page was not built: $1"
  exit 0
}

install() {
  installed=node_modules/.package-lock.json
  [ -e "$installed" ] && [ ! package-lock.json -nt "$installed" ] && return
  npm ci --no-audit --no-fund --fetch-retries=1 --fetch-retry-mintimeout=2000
}

why() {
  echo "$said" | grep -im1 error || echo "$said" | tail -n 1
}

node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null || not_built "Node 20 or newer is needed"
command -v npm >/dev/null || not_built "npm is needed"
echo "building the page …"
said=$(install 2>&1) || not_built "npm ci: $(why)"
said=$(npm run build 2>&1) || not_built "npm run build: $(why)"
