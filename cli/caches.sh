# Trains the start-up caches of the command, the broker and the breadboard. Sourced by ./build and ./koalja after
# a build, with JAVA_HOME and root set. A cache that cannot be made costs time at each start, nothing else.

# The options of these JVMs must be those of dev.koalja.launch.JvmOptions and ./koalja: a cache holds for no others.
service_options="-Xmx512m -XX:+UseSerialGC -XX:-UsePerfData -XX:+UseCompactObjectHeaders --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow"
client_options="-Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData -XX:+UseCompactObjectHeaders"

# The jars of folder $1 as a class path, sorted as dev.koalja.launch.KoaljaHome does.
class_path() {
  class_path_jars=
  for class_path_jar in $(LC_ALL=C ls "$1"/*.jar | LC_ALL=C sort); do
    class_path_jars=$class_path_jars${class_path_jars:+:}$class_path_jar
  done
  echo "$class_path_jars"
}

# Whether cache $1 is there and newer than every jar below $2.
fresh_cache() {
  [ -f "$1" ] && [ -z "$(find "$2" -name '*.jar' -newer "$1" | head -n 1)" ]
}

train_caches() {
  caches_log=$root/target/caches.log
  caches_dir=$(mktemp -d)
  : >"$caches_log"
  broker=$root/cli/broker/target/broker
  if [ -d "$broker/lib" ] && ! fresh_cache "$broker/broker.aot" "$broker/lib"; then
    rm -f "$broker/broker.aot"
    # shellcheck disable=SC2086
    "$JAVA_HOME/bin/java" $service_options -XX:AOTCacheOutput="$broker/broker.aot" \
      -cp "$(class_path "$broker/lib")" dev.koalja.broker.KafkaBroker \
      --data "$caches_dir/kafka" --port 0 --ephemeral --training >>"$caches_log" 2>&1 || true
  fi
  client=$root/cli/target/koalja
  if [ -d "$client/lib" ] && ! fresh_cache "$client/koalja.aot" "$client/lib"; then
    rm -f "$client/koalja.aot"
    # shellcheck disable=SC2086
    "$JAVA_HOME/bin/java" $client_options -XX:AOTCacheOutput="$client/koalja.aot" -Dkoalja.home="$root" \
      -cp "$(class_path "$client/lib")" dev.koalja.cli.Training >>"$caches_log" 2>&1 || true
  fi
  breadboard=$root/cli/breadboard/target/quarkus-app
  if [ -f "$breadboard/quarkus-run.jar" ] && ! fresh_cache "$breadboard/app.aot" "$breadboard"; then
    rm -f "$breadboard/app.aot"
    "$JAVA_HOME/bin/java" -Dkoalja.home="$root" -cp "$(class_path "$client/lib")" \
      dev.koalja.cli.breadboard.CacheTraining "$caches_dir/breadboard" >>"$caches_log" 2>&1 || true
  fi
  rm -rf "$caches_dir"
}
