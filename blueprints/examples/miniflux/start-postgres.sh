#!/bin/sh
# Makes the database at the first start, whole or not at all.
set -eu
data=$DATA_DIRECTORY/postgres
if [ ! -e "$data" ]; then
  # initdb asks for the name of its user, and a site's user has none.
  echo "postgres:x:$(id -u):$(id -g)::/:/bin/false" >/tmp/passwd
  printf %s "$POSTGRES_PASSWORD" >/tmp/password
  rm -rf "$data.new"
  LD_PRELOAD=libnss_wrapper.so NSS_WRAPPER_PASSWD=/tmp/passwd NSS_WRAPPER_GROUP=/dev/null \
    initdb --pgdata "$data.new" --username miniflux --pwfile /tmp/password --auth scram-sha-256 --encoding UTF8 --wal-segsize 1
  rm /tmp/password
  mv "$data.new" "$data"
fi
exec postgres -D "$data" -c listen_addresses=127.0.0.1 -c unix_socket_directories=/tmp -c shared_buffers=32MB
