FROM docker.io/library/debian:13-slim
RUN apt-get update && apt-get install --yes --no-install-recommends libnss-wrapper postgresql-17 && rm -rf /var/lib/apt/lists/*
ENV PATH=/usr/lib/postgresql/17/bin:/usr/bin:/bin
COPY --chmod=755 start-postgres.sh /usr/local/bin/start-postgres
USER 10001:10001
VOLUME /tmp
# Its fast shutdown.
STOPSIGNAL SIGINT
CMD ["/usr/local/bin/start-postgres"]
