#!/bin/sh
# Takes a release into service without a gap, and back out of it when it does not get ready.
#   yiqilai-upgrade /opt/yiqilai/releases/2026-11-22     a folder with the unpacked release
#   yiqilai-upgrade --again                              the present release anew, with changed settings
#   yiqilai-upgrade --back                               the release before the present one
# Steps: packages, tables, the other instance of the web server, its /readyz, the door, worker and scheduler. Until the
# door is turned nobody has met the new release, and when it is not ready nobody ever does.
set -eu
umask 022

opt=/opt/yiqilai
run=/run/yiqilai
lib=/usr/local/lib/yiqilai
systemctl=${SYSTEMCTL:-systemctl}
patience=${PATIENCE:-60}

say() { printf '%s\n' "$*"; }
stop() { printf '没有升级，还是原来那一版：%s\n' "$*" >&2; exit 1; }

[ "$(id -u)" = 0 ] || stop "要用 root（前面加 sudo）。"
case ${1:-} in
"") stop "请写上新版本的文件夹：yiqilai-upgrade /opt/yiqilai/releases/…" ;;
--again) release=$(readlink -e "$opt/current") || stop "还没有装过。" ;;
--back) release=$(readlink -e "$opt/before") || stop "没有更早的一版可以退。" ;;
*) release=$(readlink -e "$1") || stop "没有这个文件夹：$1" ;;
esac
[ -f "$release/wsgi.py" ] && [ -f "$release/run" ] || stop "$release 里不是议起来的程序。"
exec 9>"$run/upgrade.lock"
flock -n 9 || stop "另一个升级正在跑。"

door() { BASE_HOST=$base sh "$lib/door.sh" "$@"; }
link() { ln -sfn "$1" "$opt/.$2.$$" && mv -fT "$opt/.$2.$$" "$opt/$2"; }
ask() { curl -s -m 10 -w '\n%{http_code}' --unix-socket "$run/$new/web.sock" -H "Host: $base" "http://door$1" || true; }

# Which of the two works now; neither does on the first day.
base=$(sed -n 's/^BASE_HOST=//p' /etc/yiqilai/yiqilai.env)
base=${base%%,*}
old=$(door who)
new=$([ "$old" = a ] && echo b || echo a)
before=$(readlink -e "$opt/current" || true)

say "一、装依赖（$release）"
# Asking for the version loads nothing of the program; these addresses only tell ./run to start no servers of its own.
DATABASE_URL=none REDIS_URL=none sh "$release/run" flask --version >/dev/null || stop "依赖没装上。"

probe=/readyz
if [ "${1:-}" = --back ]; then
    # The tables stay as the newer release made them, which the older one would call not ready.
    probe=/healthz
else
    say "二、数据库改表"
    # Whoever is being served may hold a table just then; a migration waits five seconds at most, and is tried again.
    tries=0
    until YIQILAI_HOME=$release sh "$lib/yiqilai.sh" --owner street prepare; do
        tries=$((tries + 1))
        [ "$tries" -lt 3 ] || stop "数据库没改成，原样没动。"
        sleep 2
    done
fi

say "三、起新的一份（$new）"
link "$release" "$new"
if [ -z "$before" ]; then
    # On the first day nobody works yet, and without a worker nothing is ready.
    link "$release" current
    "$systemctl" start yiqilai-worker yiqilai-scheduler
fi
"$systemctl" start "yiqilai-web@$new" || { "$systemctl" stop "yiqilai-web@$new" || true; stop "新版本起不来。"; }

say "四、等它说准备好了"
tries=0
until told=$(ask "$probe") && [ "${told##*
}" = 200 ]; do
    tries=$((tries + 1))
    if [ "$tries" -ge "$patience" ]; then
        "$systemctl" stop "yiqilai-web@$new" || true
        stop "等了 $patience 次还没准备好，它说：$told"
    fi
    sleep 1
done

say "五、换门"
link "$release" current
[ -z "$before" ] || [ "$before" = "$release" ] || link "$before" before
door take "$new"
"$systemctl" enable "yiqilai-web@$new"
if [ "$old" ]; then
    "$systemctl" disable "yiqilai-web@$old"
    "$systemctl" stop "yiqilai-web@$old"
fi

say "六、换干活的和派活的"
"$systemctl" enable yiqilai-worker yiqilai-scheduler
"$systemctl" restart yiqilai-worker yiqilai-scheduler
say "好了：$release 在用，网页是 $new 那一份。"
