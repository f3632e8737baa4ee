#!/bin/sh
# One command of the program, as its own account and with its own settings:
#   yiqilai community list          what the page can do as well
#   yiqilai --owner street open …   with the login of the database's owner (opening streets, upgrades, backup, restore)
# Root reads the files with the passwords; the command itself runs without root's rights.
set -eu
umask 027

account=${ACCOUNT:-yiqilai}
group=${GROUP:-yiqilai}
home=${YIQILAI_HOME:-/opt/yiqilai/current}
[ "$(id -u)" = 0 ] || { echo "yiqilai: 前面加 sudo 再来一次。" >&2; exit 1; }
set -a
. /etc/yiqilai/yiqilai.env
if [ "${1:-}" = --owner ]; then
    shift
    . /etc/yiqilai/owner.env
    # Putting back writes every table, which the login for backups may not.
    [ "${1:-} ${2:-}" = "backup restore" ] || . /etc/yiqilai/backup.env
fi
HOME=$DATA_DIR
set +a
cd "$home"
exec setpriv --reuid "$account" --regid "$group" --init-groups --no-new-privs \
    "$home/.venv/bin/python" -m flask --app wsgi "$@"
