package dev.koalja.knative.image;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.apache.commons.compress.archivers.zip.ZipFile;

/**
 * Makes a jar say the same whenever it was built: its entries sorted, each with one time and
 * without extra fields. What is compressed in it is not touched, so signatures stay good.
 */
final class StableJar {
  /** What a jar begins with, as readers of streams want it there. */
  private static final List<String> FIRST = List.of("META-INF/", "META-INF/MANIFEST.MF");

  /** The first moment that a jar can name, in any time zone. */
  private static final long TIME = 315_619_200_000L; // 1980-01-02T00:00:00Z

  private StableJar() {}

  /** Rewrites a jar in place. */
  static void settle(Path jar) throws IOException {
    Path fresh = jar.resolveSibling(jar.getFileName() + ".stable");
    try (ZipFile from = ZipFile.builder().setPath(jar).get();
        ZipArchiveOutputStream to = new ZipArchiveOutputStream(Files.newOutputStream(fresh))) {
      List<ZipArchiveEntry> entries = new ArrayList<>(Collections.list(from.getEntries()));
      entries.sort(
          Comparator.comparingInt((ZipArchiveEntry entry) -> rank(entry.getName()))
              .thenComparing(ZipArchiveEntry::getName));
      Set<String> folders = new HashSet<>();
      for (ZipArchiveEntry entry : entries) {
        if (entry.isDirectory() && !folders.add(entry.getName())) {
          continue; // some builds list one twice
        }
        ZipArchiveEntry same = new ZipArchiveEntry(entry.getName());
        same.setMethod(entry.getMethod());
        same.setSize(entry.getSize());
        same.setCompressedSize(entry.getCompressedSize());
        same.setCrc(entry.getCrc());
        same.setTime(localTime());
        try (InputStream raw = from.getRawInputStream(entry)) {
          to.addRawArchiveEntry(same, raw);
        }
      }
    }
    Files.move(fresh, jar, StandardCopyOption.REPLACE_EXISTING);
  }

  /** A jar has local times: this is the same hour on the clock wherever it is built. */
  private static long localTime() {
    return TIME - java.util.TimeZone.getDefault().getOffset(TIME);
  }

  private static int rank(String name) {
    int index = FIRST.indexOf(name);
    return index < 0 ? FIRST.size() : index;
  }
}
