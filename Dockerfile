# syntax=docker/dockerfile:1

# Builds the shop with the very scripts everybody uses.
FROM node:20-bookworm AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates curl gcc libc6-dev \
 && rm -rf /var/lib/apt/lists/* \
 && curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y --profile minimal --default-toolchain none
ENV PATH=/root/.cargo/bin:$PATH
WORKDIR /marigold
# The tools change rarely: they get a layer of their own.
COPY rust-toolchain.toml Cargo.toml package.json package-lock.json .npmrc ./
COPY scripts scripts
RUN scripts/tools
COPY . .
RUN scripts/build

FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --create-home --home-dir /marigold marigold
WORKDIR /marigold
COPY --from=build /marigold/target/release/marigold /marigold/target/release/hash.txt ./
COPY --from=build /marigold/target/site site
RUN mkdir data && chown marigold data
USER marigold
ENV MARIGOLD_ADDR=0.0.0.0:3000 \
    DATABASE_URL=sqlite:///marigold/data/marigold.db \
    LEPTOS_SITE_ROOT=site
VOLUME /marigold/data
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/3000"]
CMD ["./marigold", "serve"]
