# Class paths, and the training of start-up caches of the command, the broker and the breadboard. Sourced by
# ./build, ./koalja and train.sh, with JAVA_HOME and root set. A cache that cannot be made costs time at each start, nothing else.

# The options of these JVMs must be those of dev.koalja.launch.JvmOptions: a cache holds for no others.
# Those of the command are used by ./koalja. They leave out to compile, at each start, what was compiled in training.
service_options="-Xmx512m -XX:+UseSerialGC -XX:-UsePerfData -XX:+UseCompactObjectHeaders -XX:TrimNativeHeapInterval=60000 --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow"
client_options="-Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData -XX:+UseCompactObjectHeaders -XX:+UnlockDiagnosticVMOptions -XX:-AOTRecordTraining -XX:-AOTReplayTraining"

# Sets class_path to the jars of folder $1, in the order of dev.koalja.launch.KoaljaHome whatever the locale is: a
# start-up cache is bound to it.
set_class_path() {
  class_path_locale=${LC_ALL-} class_path_had=${LC_ALL+set}
  LC_ALL=C
  class_path=
  for class_path_jar in "$1"/*.jar; do
    class_path=$class_path${class_path:+:}$class_path_jar
  done
  if [ -n "$class_path_had" ]; then
    { LC_ALL=$class_path_locale; } 2>/dev/null # bash complains of a locale that is not installed
  else
    unset LC_ALL
  fi
}

# Whether cache $1 is there and every jar below $2 has been there for longer. By the time a jar came there: it keeps that
# of its own build, which may be older than a cache of the jar before it.
fresh_cache() {
  [ -f "$1" ] && [ -z "$(find "$2" -name '*.jar' -cnewer "$1" 2>/dev/null | head -n 1)" ]
}

# Says that cache $1 of $2 could not be made.
check_cache() {
  if [ ! -f "$1" ]; then
    echo "koalja: no start-up cache for $2 was made, each start takes longer; see $caches_log" >&2
  fi
}

# Trains the cache of $1 (broker, koalja or breadboard), unless there is one that is newer than all jars.
train_cache() {
  caches_log=$root/target/caches.log
  caches_dir=$(mktemp -d)
  case $1 in
    broker)
      broker=$root/cli/broker/target/broker
      if [ -d "$broker/lib" ] && ! fresh_cache "$broker/broker.aot" "$broker/lib"; then
        rm -f "$broker/broker.aot"
        set_class_path "$broker/lib"
        # shellcheck disable=SC2086
        "$JAVA_HOME/bin/java" $service_options -XX:AOTCacheOutput="$broker/broker.aot" \
          -cp "$class_path" dev.koalja.broker.KafkaBroker \
          --data "$caches_dir/kafka" --port 0 --ephemeral --training >>"$caches_log" 2>&1 || true
        check_cache "$broker/broker.aot" Kafka
      fi
      ;;
    koalja)
      client=$root/cli/target/koalja
      if [ -d "$client/lib" ] && ! fresh_cache "$client/koalja.aot" "$client/lib"; then
        rm -f "$client/koalja.aot"
        set_class_path "$client/lib"
        # shellcheck disable=SC2086
        "$JAVA_HOME/bin/java" $client_options -XX:AOTCacheOutput="$client/koalja.aot" -Dkoalja.home="$root" \
          -cp "$class_path" dev.koalja.cli.Training >>"$caches_log" 2>&1 || true
        check_cache "$client/koalja.aot" koalja
      fi
      ;;
    breadboard)
      breadboard=$root/cli/breadboard/target/quarkus-app
      if [ -f "$breadboard/quarkus-run.jar" ] && ! fresh_cache "$breadboard/app.aot" "$breadboard"; then
        rm -f "$breadboard/app.aot"
        set_class_path "$root/cli/target/koalja/lib"
        "$JAVA_HOME/bin/java" -Dkoalja.home="$root" -cp "$class_path" \
          dev.koalja.cli.breadboard.CacheTraining "$caches_dir/breadboard" >>"$caches_log" 2>&1 || true
        check_cache "$breadboard/app.aot" "the breadboard"
      fi
      ;;
  esac
  rm -rf "$caches_dir"
}

train_caches() {
  mkdir -p "$root/target"
  : >"$root/target/caches.log"
  train_cache broker
  train_cache koalja
  train_cache breadboard
}
