#!/bin/sh
# Puts the files of deploy/ where Debian's nginx, PostgreSQL, Redis and systemd look for them. Run it as root from an
# unpacked release; running it again changes no password and loses nothing.
#
#   BASE_HOST=jie.example.cn sh deploy/install.sh              one name for each hall (needs a wildcard certificate)
#   BASE_HOST=jie.example.cn TENANT_BY=path sh deploy/install.sh   one name for all
#
# With ROOT=/some/folder everything goes below that folder, paths inside the files included, and no account, service or
# database of the machine is touched: the proof of the installation lives there. ACCOUNT, GROUP, HTTP_PORT, HTTPS_PORT
# and LISTEN (one address to listen on) are for that as well. KEEP_PATHS=yes leaves the paths inside the files alone,
# for files that are carried into containers.
set -eu
umask 022

here=$(cd "$(dirname "$0")" && pwd)
ROOT=${ROOT:-}
BASE_HOST=${BASE_HOST:-}
TENANT_BY=${TENANT_BY:-host}
ACCOUNT=${ACCOUNT:-yiqilai} GROUP=${GROUP:-yiqilai}
HTTP_PORT=${HTTP_PORT:-80} HTTPS_PORT=${HTTPS_PORT:-443} LISTEN=${LISTEN:-}
PG=${PG:-15}
paths="/opt/yiqilai /run/yiqilai /run/redis /run/nginx.pid /var/lib/yiqilai /var/backups/yiqilai /var/log/yiqilai
/var/www/yiqilai /var/run/postgresql /usr/local/lib/yiqilai /etc/yiqilai /etc/nginx/snippets"

say() { printf '%s\n' "$*"; }
stop() { printf '停下了：%s\n' "$*" >&2; exit 1; }

[ "$(id -u)" = 0 ] || stop "要用 root 来装（前面加 sudo）。"
case $BASE_HOST in
"") stop "请告诉我街道的网址：BASE_HOST=jie.example.cn sh deploy/install.sh" ;;
*[!a-z0-9.,:-]*) stop "BASE_HOST 只写域名，不带 https:// 和斜杠，用小写字母。" ;;
esac
case $TENANT_BY in host | path) ;; *) stop "TENANT_BY 只能是 host 或 path。" ;; esac

random() { od -An -tx1 -N24 /dev/urandom | tr -d ' \n'; }

# The names of nginx: each base host bare, and with anything before its first dot.
names() {
    for base in $(printf '%s' "$BASE_HOST" | tr ',' ' '); do
        bare=${base%%:*}
        printf '%s ' "$bare"
        [ "$TENANT_BY" = path ] || printf '~^[a-z0-9-]+\\\\.%s$ ' "$(printf '%s' "$bare" | sed 's/\./\\\\./g')"
    done
}

# Copies $1 to $2 with this office's name, ports, accounts and paths in it; $3 is the mode.
place() {
    mkdir -p "$(dirname "$ROOT$2")"
    set -- "$1" "$ROOT$2" "$3" "$(mktemp)"
    sed -e "s|server_name street\.example.*;|server_name $(names | sed 's/ $//');|" \
        -e "s|street\.example|$BASE_HOST|g" \
        -e "s|^TENANT_BY=.*|TENANT_BY=$TENANT_BY|" \
        -e "s|^User=yiqilai|User=$ACCOUNT|; s|^Group=yiqilai|Group=$GROUP|" \
        -e "s|yiqilai yiqilai -|$ACCOUNT $GROUP -|" \
        -e "s|listen 80|listen ${LISTEN:+$LISTEN:}$HTTP_PORT|; s|listen 443|listen ${LISTEN:+$LISTEN:}$HTTPS_PORT|" \
        -e "s|listen \[::\]:80|listen [::]:$HTTP_PORT|; s|listen \[::\]:443|listen [::]:$HTTPS_PORT|" "$1" >"$4"
    # One address alone was asked for, or the machine has no IPv6.
    if [ "$LISTEN" ] || ! [ -e /proc/net/if_inet6 ]; then sed -i '/listen \[::\]/d' "$4"; fi
    # Where people stand on another port, the way from http leads there.
    [ "$HTTPS_PORT" = 443 ] || sed -i "s|https://\$host\$request_uri|https://\$host:$HTTPS_PORT\$request_uri|" "$4"
    [ -z "$ROOT" ] || [ "${KEEP_PATHS:-}" ] || for path in $paths; do sed -i "s|$path|$ROOT$path|g" "$4"; done
    install -m "$3" "$4" "$2"
    rm -f "$4"
}

# Passwords are thought of once, and stand in files that only root (and for the program its own group) may read.
secrets() {
    mkdir -p "$ROOT/etc/yiqilai/tls"
    chmod 755 "$ROOT/etc/yiqilai"
    chmod 700 "$ROOT/etc/yiqilai/tls"
    if [ -e "$ROOT/etc/yiqilai/yiqilai.env" ]; then
        say "密码和设置已经有了，不动：$ROOT/etc/yiqilai/"
        return
    fi
    login=$(random) guest=$(random) owner=$(random) backup=$(random)
    for one in yiqilai owner backup; do
        place "$here/$one.env.example" "/etc/yiqilai/$one.env" 600
        sed -i -e "s|@CM_LOGIN_PASSWORD@|$login|; s|@CM_GUEST_LOGIN_PASSWORD@|$guest|" \
            -e "s|@OWNER_PASSWORD@|$owner|; s|@BACKUP_PASSWORD@|$backup|" "$ROOT/etc/yiqilai/$one.env"
    done
    chgrp "$GROUP" "$ROOT/etc/yiqilai/yiqilai.env"
    chmod 640 "$ROOT/etc/yiqilai/yiqilai.env"
}

folders() {
    for folder in /run/yiqilai /run/yiqilai/a /run/yiqilai/b; do
        install -d -m 750 -o "$ACCOUNT" -g "$GROUP" "$ROOT$folder"
    done
    for folder in /var/lib/yiqilai /var/backups/yiqilai; do
        install -d -m 700 -o "$ACCOUNT" -g "$GROUP" "$ROOT$folder"
    done
    install -d -m 755 -o root -g adm "$ROOT/var/log/yiqilai"
    install -d -m 755 "$ROOT/var/www/yiqilai" "$ROOT/opt/yiqilai/releases"
}

files() {
    for unit in "$here"/systemd/yiqilai*; do place "$unit" "/etc/systemd/system/${unit##*/}" 644; done
    place "$here/systemd/sysusers.conf" /usr/lib/sysusers.d/yiqilai.conf 644
    place "$here/systemd/tmpfiles.conf" /usr/lib/tmpfiles.d/yiqilai.conf 644
    place "$here/systemd/journald.conf" /etc/systemd/journald.conf.d/yiqilai.conf 644
    place "$here/log/logrotate.conf" /etc/logrotate.d/yiqilai 644
    place "$here/nginx/yiqilai-http.conf" /etc/nginx/conf.d/yiqilai-http.conf 644
    place "$here/nginx/yiqilai-tls.conf" /etc/nginx/snippets/yiqilai-tls.conf 644
    place "$here/nginx/yiqilai-doors.conf" /etc/nginx/snippets/yiqilai-doors.conf 644
    variant=$([ "$TENANT_BY" = path ] && echo yiqilai-path.conf || echo yiqilai.conf)
    place "$here/nginx/$variant" /etc/nginx/sites-enabled/yiqilai.conf 644
    for page in "$here"/nginx/pages/*.html; do install -m 644 "$page" "$ROOT/var/www/yiqilai/"; done
    place "$here/redis/yiqilai.conf" /etc/redis/yiqilai.conf 644
    place "$here/postgresql/yiqilai.conf" "/etc/postgresql/$PG/main/conf.d/yiqilai.conf" 644
    # What was there before is kept beside it, once.
    hba=$ROOT/etc/postgresql/$PG/main/pg_hba.conf
    [ ! -e "$hba" ] || [ -e "$hba.before-yiqilai" ] || cp -p "$hba" "$hba.before-yiqilai"
    place "$here/postgresql/pg_hba.conf" "/etc/postgresql/$PG/main/pg_hba.conf" 644
    for script in door upgrade yiqilai; do
        [ ! -e "$here/$script.sh" ] || place "$here/$script.sh" "/usr/local/lib/yiqilai/$script.sh" 755
    done
}

machine() {
    for tool in nginx redis-server psql logrotate curl; do
        command -v "$tool" >/dev/null || [ -x "/usr/sbin/$tool" ] ||
            stop "缺 $tool。先跑：apt-get install nginx postgresql redis-server python3-venv logrotate curl"
    done
    systemd-sysusers
    rm -f /etc/nginx/sites-enabled/default
    grep -qs '^include /etc/redis/yiqilai.conf' /etc/redis/redis.conf ||
        printf '\n# The last word: see the file.\ninclude /etc/redis/yiqilai.conf\n' >>/etc/redis/redis.conf
    ln -sfn /usr/local/lib/yiqilai/yiqilai.sh /usr/local/sbin/yiqilai
    ln -sfn /usr/local/lib/yiqilai/upgrade.sh /usr/local/sbin/yiqilai-upgrade
    systemctl daemon-reload
    systemctl restart systemd-journald redis-server postgresql
    . /etc/yiqilai/owner.env
    owner=${DATABASE_OWNER_URL#*://yiqilai_owner:} backup=$(sed -n 's|.*cm_backup:\([^@]*\)@.*|\1|p' /etc/yiqilai/backup.env)
    # Through standard input, because everybody on the machine can read the arguments of a command.
    { printf '\\set owner_password %s\n\\set backup_password %s\n' "${owner%%@*}" "$backup"
      cat "$here/postgresql/roles.sql"; } | runuser -u postgres -- psql -q -X -d postgres
}

[ "$ROOT" ] || { place "$here/systemd/sysusers.conf" /usr/lib/sysusers.d/yiqilai.conf 644; systemd-sysusers; }
folders
secrets
files
[ "$ROOT" ] || machine
say "文件都放好了。接下来照 deploy/runbook.md 第一章往下做：放证书，跑 upgrade.sh，开街道。"
