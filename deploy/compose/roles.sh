#!/bin/sh
# Run by the container of PostgreSQL when its folder is made; the passwords go through standard input.
set -eu
{ printf '\\set owner_password %s\n\\set backup_password %s\n' "$OWNER_PASSWORD" "$BACKUP_PASSWORD"
  cat /etc/postgresql/roles.sql; } | psql -q -X -U postgres -d postgres
