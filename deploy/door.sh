#!/bin/sh
# The door between nginx and the two instances of the web server: /run/yiqilai/web.sock is a link to the socket of
# the one that serves. Turning it is one rename, so nobody ever finds it missing.
#   door.sh ready a    wait until instance a answers; take the door where nobody answers behind it
#   door.sh take a     turn the door to instance a
#   door.sh leave a    let instance a go: give the door to the other where that one answers, then wait a moment
#   door.sh who        name the instance behind the door
set -eu

run=/run/yiqilai
verb=${1:-} one=${2:-}
host=${BASE_HOST:-localhost}
host=${host%%,*}

answers() {
    [ "$(curl -s -o /dev/null -m 5 -w '%{http_code}' --unix-socket "$1" -H "Host: $host" http://door/healthz)" = 200 ]
}

who() {
    behind=$(readlink "$run/web.sock" 2>/dev/null) || return 0
    basename "$(dirname "$behind")"
}

take() {
    ln -sfn "$run/$1/web.sock" "$run/.web.sock.$$"
    mv -fT "$run/.web.sock.$$" "$run/web.sock"
}

case $one in a | b | "") ;; *) echo "door: a or b, not $one" >&2; exit 2 ;; esac
case $verb:$one in
who:)
    who
    ;;
take:[ab])
    answers "$run/$one/web.sock" || { echo "door: instance $one does not answer" >&2; exit 1; }
    take "$one"
    ;;
ready:[ab])
    tries=0
    until answers "$run/$one/web.sock"; do
        tries=$((tries + 1))
        [ "$tries" -lt 300 ] || { echo "door: instance $one does not answer" >&2; exit 1; }
        sleep 0.2
    done
    answers "$run/web.sock" || take "$one"
    ;;
leave:[ab])
    other=$([ "$one" = a ] && echo b || echo a)
    if [ "$(who)" = "$one" ] && answers "$run/$other/web.sock"; then take "$other"; fi
    # What was let in a moment ago has been taken up by then; what is being served is served to the end afterwards.
    sleep 2
    ;;
*)
    echo "usage: door.sh who | ready a|b | take a|b | leave a|b" >&2
    exit 2
    ;;
esac
