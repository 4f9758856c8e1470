#!/usr/bin/env bash
# The hosting files against each other and against the source: what the Dockerfile copies is there and reaches the builder, ports
# and environment variables are the same everywhere.
set -euo pipefail
cd "$(dirname "$0")/../.."
bad=0
complain() { echo "hosting: $*"; bad=1; }
has() { grep -qF -- "$2" "$1" || complain "$1 lacks: $2"; } # file, text
hosting=(Dockerfile docker-compose.yml docs/hosting.md docs/hosting/nginx.conf docs/hosting/nightjar.service)

# What is copied from the source tree exists, and .dockerignore lets it through.
while read -r _ source _; do
  [ -e "$source" ] || complain "Dockerfile copies $source, which is not there"
  grep -qxF "!$source" .dockerignore || complain ".dockerignore keeps $source from the builder"
done < <(grep -E '^COPY [^-]' Dockerfile)

# The libraries that the manifest and the Makefile name are installed for building.
for package in $(grep -oE '\.apt\(\["[^]]*' Package.swift | grep -oE '[a-z0-9.+-]+-dev' | sort -u); do has Dockerfile "$package"; done
for package in $(grep -A1 '^system-packages:' Makefile | grep -oE '[a-z0-9.]+-dev' | sort -u); do has Dockerfile "$package"; done

# The port of the relay.
port=$(grep -oE '"sync": [0-9]+' Sources/Nightjar/*.swift | grep -oE '[0-9]+$' | sort -u)
[ "$(wc -w <<<"$port")" = 1 ] || complain "the relay's port is not clear from the source: $port"
has Dockerfile "EXPOSE $port"
has Dockerfile "\${PORT:-$port}"
has docker-compose.yml "\${PORT:-$port}:\${PORT:-$port}"
has docs/hosting.md "| \`PORT\` | $port |"
has docs/hosting/nightjar.service "127.0.0.1:$port"
passed=$(grep -oE 'proxy_pass [^;]+' docs/hosting/nginx.conf | sort -u)
[ "$passed" = "proxy_pass http://127.0.0.1:$port" ] || complain "docs/hosting/nginx.conf passes to: $passed"

# Every variable that the server reads is explained, and nothing is promised that it does not read.
known=$(grep -ohE '(\("|environment\[")[A-Z][A-Z0-9]*(_[A-Z]+)*"' Sources/Nightjar/Settings*.swift | grep -oE '[A-Z][A-Z0-9_]+' | grep -v '^NIGHTJAR_' | sort -u)
for variable in $known; do has docs/hosting.md "\`$variable\`"; done
for variable in $(grep -ohE '^ +[A-Z][A-Z_]+:' docker-compose.yml | tr -d ' :') $(grep -E '^\| `[A-Z]' docs/hosting.md | cut -d'|' -f2 | grep -oE '[A-Z][A-Z0-9_]+'); do
  grep -qx "$variable" <<<"$known" || complain "$variable: the server does not read it"
done
for variable in PORT SOCKET_TIMEOUT SOCKET_TIMEOUT_CHECK_INTERVAL; do has docker-compose.yml "$variable: \"\${$variable"; done

# The commands name options that exist.
for option in $(grep -ohE -- 'nightjar serve [^`]*|"serve".*' "${hosting[@]}" | grep -oE -- '--[a-z-]+' | sort -u); do
  word=${option#--} camel=$(sed -E 's/-(.)/\u\1/g' <<<"${option#--}")
  grep -qE "customLong\(\"$word\"\)|var $camel\b" Sources/Nightjar/*.swift || complain "no option $option"
done

for line in 'proxy_http_version 1.1;' 'proxy_set_header Upgrade $http_upgrade;' 'proxy_set_header Connection "upgrade";' 'server_tokens off;' \
  'sendfile off;' 'X-Robots-Tag none'; do has docs/hosting/nginx.conf "$line"; done
has docker-compose.yml 'container_name: hunterpie-sync'
exit $bad
