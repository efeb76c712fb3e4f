# What the commands of these documents use: `. docs/shell.sh`, in the directory that holds `docs`.
# Any POSIX shell will do, with curl, grep and sed.

SERVER=http://localhost:8000
API=$SERVER/api/v1

# api METHOD PATH [TOKEN [BODY]]: calls an operation, prints its answer, and fails when it is refused.
api() {
    method=$1
    url=$API$2
    token=${3:-}
    body=${4:-}
    set -- -sS --fail-with-body -X "$method" "$url"
    if [ -n "$token" ]; then set -- "$@" -H "Authorization: Bearer $token"; fi
    if [ -n "$body" ]; then set -- "$@" -H 'Content-Type: application/json' -d "$body"; fi
    curl "$@"
}

# refused METHOD PATH [TOKEN [BODY]]: calls an operation that says no, and prints what it says.
refused() {
    if answer=$(api "$@" 2>/dev/null); then
        echo "not refused: $answer" >&2
        return 1
    fi
    printf '%s\n' "$answer"
}

# field NAME: the first value of this name in the JSON that comes in; fails when there is none.
field() {
    grep -oE "\"$1\":(\"([^\"\\\\]|\\\\.)*\"|[^],}]*)" | sed -E '1!d; s/^[^:]*://; s/^"(.*)"$/\1/' | grep .
}

# sign_in EMAIL [TENANT]: asks for a code, reads it in the inbox of development, and prints the token that
# it is traded for: of a user, or, with the id of a tenant, of a human.
sign_in() {
    email=$1
    tenant=${2:+, \"tenant_id\": \"$2\"}
    curl -sS -X DELETE "$SERVER/dev/mail.json" || return
    api POST /auth/login '' "{\"email\": \"$email\"$tenant}" >&2 || return
    code=
    tries=0
    while [ -z "$code" ]; do
        tries=$((tries + 1))
        if [ "$tries" -gt 100 ]; then
            echo "no code for $email arrives" >&2
            return 1
        fi
        sleep 0.2
        code=$(curl -sS "$SERVER/dev/mail.json" | grep -oE "\"to\":\[\"$email\"\][^}]*code is [0-9]{6}" |
            sed -nE '1s/.*([0-9]{6})$/\1/p' || true)
    done
    api POST /auth/verify '' "{\"email\": \"$email\", \"code\": \"$code\"$tenant}" | field access_token
}
