package dev.koalja.cli.demo;

import java.util.List;

/**
 * A commit.
 *
 * @param id its hash
 * @param tree the hash of its tree
 * @param message the whole message
 * @param author who wrote it
 * @param committer who put it there
 * @param time when, RFC 3339 with offset
 * @param added paths of new files
 * @param removed paths of files that went
 * @param modified paths of files that changed
 */
public record GitCommit(
    String id,
    String tree,
    String message,
    Person author,
    Person committer,
    String time,
    List<String> added,
    List<String> removed,
    List<String> modified) {
  /** Somebody, as git knows them. */
  public record Person(String name, String email) {}

  public GitCommit {
    added = List.copyOf(added);
    removed = List.copyOf(removed);
    modified = List.copyOf(modified);
  }
}
