# Finds a JDK 25 for ./build and ./koalja. Sourced, not run.
#
# Where it looks, in this order: JAVA_HOME, the java on PATH, the folders JDKs are usually installed in.
# KOALJA_JDK_PATH, a list of folders separated by colons, replaces all of them; each is a JDK or has JDKs in it.

jdk_release=25

# Whether $1 is the folder of a JDK of that release. Reads its "release" file: no process is started.
is_jdk() {
  [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 1
  while read -r jdk_line; do
    case $jdk_line in
      "JAVA_VERSION=\"$jdk_release\""* | "JAVA_VERSION=\"$jdk_release."*) return 0 ;;
    esac
  done <"$1/release"
  return 1
}

# Sets JAVA_HOME to a JDK of that release, or says what to install and ends with 69.
find_jdk() {
  if [ -n "${KOALJA_JDK_PATH+set}" ]; then
    jdk_places=$KOALJA_JDK_PATH
  else
    if [ -n "${JAVA_HOME:-}" ] && is_jdk "$JAVA_HOME"; then
      export JAVA_HOME
      return
    fi
    jdk_java=$(command -v java || true)
    if [ -n "$jdk_java" ]; then
      jdk_java=$(readlink -f "$jdk_java" 2>/dev/null || echo "$jdk_java")
      jdk_home=${jdk_java%/bin/java}
      if is_jdk "$jdk_home"; then
        JAVA_HOME=$jdk_home
        export JAVA_HOME
        return
      fi
    fi
    jdk_places=/usr/lib/jvm:$HOME/.sdkman/candidates/java:$HOME/.jdks:/opt:/usr/local/lib/jvm:/usr/java
    jdk_places=$jdk_places:/Library/Java/JavaVirtualMachines:$HOME/Library/Java/JavaVirtualMachines
  fi
  jdk_ifs=$IFS
  IFS=:
  for jdk_place in $jdk_places; do
    IFS=$jdk_ifs
    for jdk_home in "$jdk_place" "$jdk_place"/* "$jdk_place"/*/Contents/Home; do
      if is_jdk "$jdk_home"; then
        JAVA_HOME=$jdk_home
        export JAVA_HOME
        return
      fi
    done
  done
  IFS=$jdk_ifs
  {
    echo "koalja: JDK $jdk_release is needed and none was found."
    echo "Install one, for example Eclipse Temurin $jdk_release (adoptium.net), with SDKMAN:"
    echo "    sdk install java $jdk_release-tem"
    echo "or point JAVA_HOME at one. Looked in ${KOALJA_JDK_PATH-JAVA_HOME, PATH, $jdk_places}."
  } >&2
  exit 69
}

# Says what to install when there is no Maven, and ends with 69.
require_maven() {
  if ! command -v mvn >/dev/null 2>&1; then
    {
      echo "koalja: Maven (mvn) is needed and not on PATH."
      echo "Install Maven 3.8.7 or later, for example: apt-get install maven, or: brew install maven"
    } >&2
    exit 69
  fi
}
