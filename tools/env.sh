# shellcheck shell=bash disable=SC2034
# Sourced by the scripts beside it: where things are. Sets root (the source tree), cache (what outlives a build tree) and PATH.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${HOARFROST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/hoarfrost}
PATH=$cache/tools/bin:$PATH
