# The party relay in a container: docs/hosting.md says how to run it.
#
#   docker build -t nightjar .
#   docker run -d --name hunterpie-sync -p 5001:5001 nightjar

ARG SWIFT_IMAGE=swift:6.3-bookworm
ARG BASE_IMAGE=debian:bookworm-slim

# --- build: needs about 4 GB of memory and, on two cores, six minutes
FROM ${SWIFT_IMAGE} AS build
RUN apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
      ca-certificates liblua5.4-dev libsqlite3-dev pkg-config zlib1g-dev \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /build
# The libraries first: they stay in the cache while only our own sources change.
COPY Package.swift ./
RUN swift package resolve
COPY Sources Sources
# Not built here, but the manifest names their folders.
COPY Tests Tests
RUN swift build -c release --static-swift-stdlib --product nightjar -Xlinker -s \
 && install -D .build/release/nightjar /out/nightjar

# --- the image: the program, the libraries it loads, the scripts
FROM ${BASE_IMAGE}
RUN apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
      liblua5.4-0 libsqlite3-0 libstdc++6 zlib1g \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin nightjar \
 && install -d -o nightjar -g nightjar /data
# For `nightjar.http.fetch` and other calls to https addresses.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/nightjar /usr/local/bin/nightjar
WORKDIR /srv/nightjar
COPY Scripts Scripts
COPY games games

USER nightjar
VOLUME /data
EXPOSE 5001
# Asks for the version as the plug-in does; bash, because the image has no HTTP client.
HEALTHCHECK --interval=30s --timeout=3s --start-period=10s \
  CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/${PORT:-5001} && printf 'GET /version HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' >&3 && grep -q '^0\\.1' <&3"]
# The port is PORT's, 5001 without it. The main listener (games, portal) stays on 127.0.0.1:8080 inside the container.
ENTRYPOINT ["nightjar"]
CMD ["serve", "--listen", "sync=0.0.0.0", "--data-dir", "/data"]
