#!/bin/sh
# Builds the page for `make setup`. It never fails: without Node, or a registry of its packages, the API runs all the
# same, and one line says why there is no page. `make page` is for who works on it.
cd "$(dirname "$0")" || exit 0

not_built() {
  echo "the page was not built: $1"
  exit 0
}

# as package.json's engines
is_new_enough() {
  version=$(node -p process.versions.node 2>/dev/null) || return
  major=${version%%.*} minor=${version#*.}
  [ "$major" -gt 20 ] || { [ "$major" -eq 20 ] && [ "${minor%%.*}" -ge 19 ]; }
}

install() {
  installed=node_modules/.package-lock.json
  [ -e "$installed" ] && [ ! package-lock.json -nt "$installed" ] && return
  npm ci --no-audit --no-fund --fetch-retries=1 --fetch-retry-mintimeout=2000
}

build() {
  rm -rf dist.new && npm run build -- --outDir dist.new --emptyOutDir
}

# A page that is open keeps finding its files: those of the former build stay, those of the one before it go.
swap() {
  (cd dist.new && find assets -type f 2>/dev/null) >dist.new/.files
  if [ -e dist/.files ]; then
    while IFS= read -r file; do
      [ -e "dist.new/$file" ] || { mkdir -p "dist.new/${file%/*}" && cp -p "dist/$file" "dist.new/$file"; }
    done <dist/.files
  fi
  rm -rf dist.old
  [ ! -e dist ] || mv dist dist.old
  mv dist.new dist
  rm -rf dist.old
}

why() {
  echo "$said" | grep -im1 error || echo "$said" | tail -n 1
}

is_new_enough || not_built "Node 20.19 or newer is needed"
command -v npm >/dev/null || not_built "npm is needed"
echo "building the page …"
said=$(install 2>&1) || not_built "npm ci: $(why)"
said=$(build 2>&1) || { rm -rf dist.new; not_built "npm run build: $(why)"; }
swap
