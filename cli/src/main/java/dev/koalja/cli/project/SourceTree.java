package dev.koalja.cli.project;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is below a folder of sources, behind symbolic links too, as compilers see it. */
public final class SourceTree {
  private static final int DEPTH = 64;

  /**
   * @param folders the root first
   */
  public record Found(List<Path> folders, List<Path> files) {
    public Found {
      folders = List.copyOf(folders);
      files = List.copyOf(files);
    }
  }

  private SourceTree() {}

  /**
   * What is there now. What goes away meanwhile, or cannot be read, is left out, and a link that
   * leads back to a folder above it leads nowhere.
   */
  public static Found find(Path root) {
    List<Path> folders = new ArrayList<>();
    List<Path> files = new ArrayList<>();
    if (Files.isDirectory(root)) {
      try {
        Files.walkFileTree(
            root,
            EnumSet.of(FileVisitOption.FOLLOW_LINKS),
            DEPTH,
            new SimpleFileVisitor<>() {
              @Override
              public FileVisitResult preVisitDirectory(
                  Path folder, BasicFileAttributes attributes) {
                folders.add(folder);
                return FileVisitResult.CONTINUE;
              }

              @Override
              public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                files.add(file);
                return FileVisitResult.CONTINUE;
              }

              @Override
              public FileVisitResult visitFileFailed(Path file, IOException failure) {
                return FileVisitResult.CONTINUE;
              }

              @Override
              public FileVisitResult postVisitDirectory(
                  Path folder, @Nullable IOException failure) {
                return FileVisitResult.CONTINUE;
              }
            });
      } catch (IOException e) {
        // it changes just now: whoever looks again finds the rest
      }
    }
    return new Found(folders, files);
  }
}
