# In the place of postgres:17-alpine: Debian's PostgreSQL 15, with what compose uses of the original's entry point.
ARG DEBIAN_IMAGE=local/debian:bookworm-slim
FROM ${DEBIAN_IMAGE}
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends postgresql-15 >/dev/null && rm -rf /var/lib/apt/lists/*
RUN useradd --uid 70 --no-create-home database \
    && install --directory --owner=70 --mode=1777 /var/lib/postgresql/data /docker-entrypoint-initdb.d
COPY --chmod=755 postgres-entrypoint /usr/local/bin/docker-entrypoint.sh
ENV PATH=/usr/lib/postgresql/15/bin:$PATH PGDATA=/var/lib/postgresql/data
STOPSIGNAL SIGINT
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["postgres"]
