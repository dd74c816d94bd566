package dev.koalja.cli.revision;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** Writes small files so that whoever reads one finds all of it or none, whatever is killed. */
final class WholeFile {
  private WholeFile() {}

  /** Writes it beside its place, has it reach the disk, and puts it there. */
  static void write(Path file, String text) throws IOException {
    // a place of its own: somebody else may write the same file at the same moment
    Path fresh = Files.createTempFile(file.toAbsolutePath().getParent(), ".", ".new");
    try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
      ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
