FROM rust:1-slim-bookworm AS builder
# OpenSSL for the encrypted way to a PostgreSQL server on another machine; the rest needs only Rust and a C compiler.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends libssl-dev pkg-config \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY . .
# The caches outlive the layer, so that a change of the sources does not fetch and build all crates again.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/build/target \
    cargo build --release --locked --bin cartwright --features postgres-tls \
 && cp target/release/cartwright /usr/local/bin/cartwright

FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates libssl3 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --user-group --uid 10001 --no-create-home --shell /usr/sbin/nologin cartwright \
 && install --directory --owner=cartwright --group=cartwright --mode=0700 /data
COPY --from=builder /usr/local/bin/cartwright /usr/local/bin/cartwright
USER cartwright
# The database where none is named, the search index and, unless set apart, images and keys.
ENV CARTWRIGHT_DATA_DIR=/data \
    CARTWRIGHT_HOST=0.0.0.0 \
    PORT=8080 \
    CARTWRIGHT_DRAIN_DELAY=5
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=7s --start-period=30s --retries=3 CMD ["cartwright", "health"]
ENTRYPOINT ["cartwright"]
CMD ["serve"]
