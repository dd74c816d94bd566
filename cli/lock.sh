# One build of a checkout at a time. Sourced by ./build and ./koalja, with root set.

# Waits until nobody builds, then claims the build; the caller releases it. The lock of a build that was killed is
# taken over.
take_build_lock() {
  build_lock=$root/target/build.lock
  mkdir -p "$root/target"
  build_waits=0
  until mkdir "$build_lock" 2>/dev/null; do
    if [ ! -d "$build_lock" ]; then
      echo "koalja: $root/target cannot be written" >&2
      exit 69
    fi
    build_owner=$(cat "$build_lock/pid" 2>/dev/null || true)
    # one that names nobody belongs to a build that begins right now, or was killed as it began
    if { [ -n "$build_owner" ] && ! kill -0 "$build_owner" 2>/dev/null; } ||
      { [ -z "$build_owner" ] && [ "$build_waits" -ge 5 ]; }; then
      rm -rf "$build_lock"
      continue
    fi
    if [ "$build_waits" -eq 0 ]; then
      echo "Koalja is being built in another terminal (process ${build_owner:-unknown}); waiting for it …" >&2
    fi
    build_waits=$((build_waits + 1))
    sleep 1
  done
  echo $$ >"$build_lock/pid"
}

release_build_lock() {
  rm -rf "$build_lock"
}
