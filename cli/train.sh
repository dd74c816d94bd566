#!/bin/sh
# Trains the start-up caches named (broker, koalja, breadboard) while Maven builds, so that tests start what they need
# as fast as its users do. The JDK is Maven's.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/cli/caches.sh"
mkdir -p "$root/target"
for each in "$@"; do
  train_cache "$each"
done
