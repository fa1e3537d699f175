#!/usr/bin/env bash
# run.sh BUILD_DIR SOURCE_DIR: installs hoarfrost from BUILD_DIR into a fresh prefix, builds the examples against
# what was installed, as a project of its own, and runs them.
set -euo pipefail
build=$1 source=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cmake --install "$build" --prefix "$work/prefix" >"$work/install.log"
cmake -S "$source/examples" -B "$work/examples" -G Ninja -DCMAKE_BUILD_TYPE=Debug \
  -DCMAKE_PREFIX_PATH="$work/prefix" >"$work/configure.log" 2>&1 || { cat "$work/configure.log"; exit 1; }
cmake --build "$work/examples" || exit 1

model=$source/testdata/handmade/hand_dense_bn.onnx
expect() {  # expect TEXT COMMAND...
  local want=$1 got
  shift
  got=$("$@")
  case $got in
    *"$want"*) echo "ok: $1 says: $want" ;;
    *) printf '%s\nwanted: %s\n' "$got" "$want"; exit 1 ;;
  esac
}
expect "parameters 1050, trainable 1030, non-trainable 20" "$work/examples/example_inspect" "$model"
expect "trainable 1030 -> 20" "$work/examples/example_freeze" "$model" 'dense' "$work/frozen.onnx"
expect "thawed equals the original" "$work/examples/example_freeze" "$model" 'dense' "$work/frozen.onnx"
for file in bash-completion/completions/hoarfrost zsh/site-functions/_hoarfrost \
  fish/vendor_completions.d/hoarfrost.fish man/man1/hoarfrost.1 man/man1/hoarfrost-freeze.1; do
  grep -q hoarfrost "$work/prefix/share/$file" && echo "ok: installed: share/$file"
done
expect "1,030" "$work/prefix/bin/hoarfrost" inspect "$work/frozen.onnx"
