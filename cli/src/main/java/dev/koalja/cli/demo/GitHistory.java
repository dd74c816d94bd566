package dev.koalja.cli.demo;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Commits to push: the latest of a repository, oldest first, as a push lists them.
 *
 * @param repository its name
 * @param branch the branch
 * @param before the commit before the oldest; zeros when there is none
 * @param commits at least one
 * @param bundled whether these are the ones that came with us
 */
public record GitHistory(
    String repository, String branch, String before, List<GitCommit> commits, boolean bundled) {
  static final String NOTHING = "0".repeat(40);
  private static final String RECORD = "\u001e";
  private static final String FIELD = "\u001f";
  private static final String FORMAT =
      "%x1e" + String.join("%x1f", "%H", "%T", "%an", "%ae", "%cn", "%ce", "%cI", "%B", "");

  public GitHistory {
    commits = List.copyOf(commits);
  }

  /** The latest commits of the repository {@code folder} is in; ours where there is none. */
  public static GitHistory latest(Path folder, int limit) {
    return ofRepository(folder, limit).orElseGet(GitHistory::ours);
  }

  /** The commits that came with us. */
  static GitHistory ours() {
    try (InputStream in =
        Objects.requireNonNull(GitHistory.class.getResourceAsStream("commits.txt"))) {
      String log = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return new GitHistory("garden", "main", NOTHING, parse(unescape(log)), true);
    } catch (IOException e) {
      throw new IllegalStateException("the build left out commits.txt", e);
    }
  }

  private static String unescape(String log) {
    return log.replace("<commit>\n", RECORD).replace("<|>", FIELD);
  }

  private static Optional<GitHistory> ofRepository(Path folder, int limit) {
    Optional<String> top = git(folder, "rev-parse", "--show-toplevel");
    Optional<String> log =
        git(
            folder,
            "log",
            "-n",
            String.valueOf(limit),
            "--name-status",
            "--no-renames",
            "--format=" + FORMAT);
    if (top.isEmpty() || log.isEmpty()) {
      return Optional.empty();
    }
    List<GitCommit> commits = parse(log.get());
    if (commits.isEmpty()) {
      return Optional.empty();
    }
    String name = String.valueOf(Path.of(top.get().strip()).getFileName());
    String branch = git(folder, "symbolic-ref", "--short", "HEAD").orElse("main").strip();
    String before =
        git(folder, "rev-parse", "--verify", "--quiet", commits.getFirst().id() + "^")
            .orElse(NOTHING)
            .strip();
    return Optional.of(new GitHistory(name, branch, before, commits, false));
  }

  /** Reads a log, newest first, as {@link #FORMAT} and {@code --name-status} make it. */
  static List<GitCommit> parse(String log) {
    List<GitCommit> commits = new ArrayList<>();
    for (String record : log.split(RECORD)) {
      String[] fields = record.split(FIELD, -1);
      if (fields.length != 9) {
        continue;
      }
      List<String> added = new ArrayList<>();
      List<String> removed = new ArrayList<>();
      List<String> modified = new ArrayList<>();
      for (String line : fields[8].lines().toList()) {
        int tab = line.indexOf('\t');
        if (tab > 0) {
          String path = line.substring(tab + 1);
          switch (line.charAt(0)) {
            case 'A' -> added.add(path);
            case 'D' -> removed.add(path);
            default -> modified.add(path);
          }
        }
      }
      commits.addFirst(
          new GitCommit(
              fields[0].strip(),
              fields[1],
              fields[7].strip(),
              new GitCommit.Person(fields[2], fields[3]),
              new GitCommit.Person(fields[4], fields[5]),
              fields[6],
              added,
              removed,
              modified));
    }
    return commits;
  }

  private static Optional<String> git(Path folder, String... arguments) {
    List<String> command = new ArrayList<>(List.of("git", "-C", folder.toString()));
    command.addAll(List.of("-c", "core.quotePath=false"));
    command.addAll(List.of(arguments));
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      process.getOutputStream().close();
      try (InputStream out = process.getInputStream()) {
        String text = new String(out.readAllBytes(), StandardCharsets.UTF_8);
        return process.waitFor() == 0 ? Optional.of(text) : Optional.empty();
      }
    } catch (IOException e) {
      return Optional.empty(); // no git here
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }
}
