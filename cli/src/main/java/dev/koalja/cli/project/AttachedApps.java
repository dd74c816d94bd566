package dev.koalja.cli.project;

import dev.koalja.cli.CliException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Apps that run already, each at a port of this machine: nobody here builds or starts them. */
public final class AttachedApps {
  private AttachedApps() {}

  /**
   * Marks the projects of these apps. Whose an app is, the pipeline says that its last build wrote.
   *
   * @param ports the port of each app
   * @throws CliException when a port is none, or an app belongs to none of the projects
   */
  public static List<FunctionProject> mark(
      List<FunctionProject> projects, Map<String, Integer> ports) {
    ports.forEach(
        (app, port) -> {
          if (port < 1 || port > 65_535) {
            throw CliException.usage(
                "--attach %s=%d is no port: choose 1 to 65535".formatted(app, port));
          }
        });
    Set<String> missing = new TreeSet<>(ports.keySet());
    Set<String> known = new TreeSet<>();
    List<FunctionProject> marked = new ArrayList<>();
    for (FunctionProject project : projects) {
      Set<String> apps =
          !ports.isEmpty() && Files.isRegularFile(project.inferred())
              ? Wiring.of(project).apps()
              : Set.of();
      known.addAll(apps);
      missing.removeAll(apps);
      marked.add(apps.stream().anyMatch(ports::containsKey) ? project.attach() : project);
    }
    if (!missing.isEmpty()) {
      throw CliException.usage(
          "--attach %s: no project here is built with an app of that name; %s"
              .formatted(
                  String.join(", ", missing),
                  known.isEmpty() ? "none is built" : "known: " + String.join(", ", known)));
    }
    return marked;
  }

  /** Such as {@code shop at port 8081}. */
  public static String words(Map<String, Integer> ports) {
    return new TreeMap<>(ports)
        .entrySet().stream()
            .map(each -> each.getKey() + " at port " + each.getValue())
            .collect(Collectors.joining(", "));
  }
}
