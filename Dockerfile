# syntax=docker/dockerfile:1

# Builds the shop with the scripts that `make run` uses.
FROM node:20-bookworm-slim AS build
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates curl gcc libc6-dev \
 && rm -rf /var/lib/apt/lists/* \
 && curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y --profile minimal --default-toolchain none
ENV PATH=/root/.cargo/bin:$PATH
WORKDIR /marigold
# The tools change rarely, so they have their own layer.
COPY rust-toolchain.toml Cargo.toml package.json package-lock.json .npmrc ./
COPY scripts/lib scripts/tools scripts/
RUN scripts/tools
COPY . .
# The cache mounts keep earlier builds, so that only what changed is compiled.
RUN --mount=type=cache,target=/root/.cargo/registry \
    --mount=type=cache,target=/marigold/target \
    scripts/build && mkdir /built && cp -r target/release/marigold target/release/hash.txt target/site /built/

FROM debian:bookworm-slim
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --home-dir /marigold --no-create-home --shell /usr/sbin/nologin marigold
WORKDIR /marigold
COPY --from=build /built .
# The shop writes only to this folder.
RUN mkdir --mode=700 data && chown marigold: data
# A numeric user, so that an orchestrator can verify that it is not root.
USER 10001:10001
ENV MARIGOLD_ADDR=0.0.0.0:3000 \
    MARIGOLD_OPS_ADDR=127.0.0.1:9090 \
    MARIGOLD_PUBLIC_URL=http://127.0.0.1:3000 \
    LEPTOS_SITE_ROOT=site
VOLUME /marigold/data
EXPOSE 3000
# The container is healthy when /readyz says that the database responds.
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s CMD ["bash", "-c", \
  "exec 3<>/dev/tcp/127.0.0.1/${MARIGOLD_OPS_ADDR##*:} && printf 'GET /readyz HTTP/1.0\\r\\n\\r\\n' >&3 && read -r _ status _ <&3 && [ \"$status\" = 200 ]"]
CMD ["./marigold", "serve"]
