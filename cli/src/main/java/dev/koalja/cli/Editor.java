package dev.koalja.cli;

import dev.koalja.cli.show.Words;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Lets a person change a text in the editor of their choice. */
final class Editor {
  private Editor() {}

  /**
   * The text as it is after the editor was closed.
   *
   * @throws CliException when nothing was changed, or there is no editor
   */
  static byte[] edit(String text) {
    return edit(
        text, command(Optional.ofNullable(System.getenv("VISUAL")), System.getenv("EDITOR")));
  }

  private static String command(
      Optional<String> visual, @org.jspecify.annotations.Nullable String editor) {
    return Stream.concat(visual.stream(), Optional.ofNullable(editor).stream())
        .filter(each -> !each.isBlank())
        .findFirst()
        .orElse("vi");
  }

  static byte[] edit(String text, String command) {
    Path file;
    try {
      file = Files.createTempFile("koalja", ".txt"); // readable by this user only
    } catch (IOException e) {
      throw CliException.unavailable("no file for the editor: " + Words.reason(e));
    }
    try {
      Files.writeString(file, text);
      // as git does: the setting may have arguments of its own
      int exit =
          new ProcessBuilder(
                  List.of("/bin/sh", "-c", command + " \"$1\"", "editor", file.toString()))
              .inheritIO()
              .start()
              .waitFor();
      if (exit != 0) {
        throw CliException.unavailable(
            "the editor (%s) ended with %d: nothing was sent".formatted(command, exit));
      }
      byte[] edited = Files.readAllBytes(file);
      if (new String(edited, StandardCharsets.UTF_8).equals(text)) {
        throw CliException.usage("nothing was changed, and nothing was sent");
      }
      return edited;
    } catch (IOException e) {
      throw CliException.unavailable("the editor cannot be used: " + Words.reason(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw CliException.unavailable("interrupted");
    } finally {
      delete(file);
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      // a file in the folder for temporary ones
    }
  }
}
