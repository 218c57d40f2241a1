# In the place of apache/kafka: its jars from Maven Central (in the folder `kafka` of the build's context) on Debian's JVM.
ARG DEBIAN_IMAGE=local/debian:bookworm-slim
FROM ${DEBIAN_IMAGE}
RUN apt-get update -qq && mkdir -p /usr/share/man/man1 \
    && apt-get install -y -qq --no-install-recommends openjdk-17-jre-headless >/dev/null && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 1000 appuser && install --directory --owner=1000 /var/lib/kafka/data
COPY kafka /opt/kafka
COPY --chmod=755 kafka-entrypoint /usr/local/bin/kafka-entrypoint
USER 1000
CMD ["kafka-entrypoint"]
