package dev.koalja.runtime.deployment;

import io.quarkus.bootstrap.runner.AotQuarkusEntryPoint;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collections;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** The jar that {@code java -jar} is given: a manifest, which names the others. */
final class RunJar {
  private RunJar() {}

  /**
   * Has the process begin with a class of ours, where Quarkus has it begin with its own; jars that
   * are packaged in another way stay as they are. Times of entries stay, so that equal builds make
   * equal jars.
   */
  static void beginWith(String mainClass, Path jar) throws IOException {
    Path changed = jar.resolveSibling(jar.getFileName() + ".changed");
    try (JarFile before = new JarFile(jar.toFile())) {
      Manifest manifest = before.getManifest();
      if (manifest == null
          || !AotQuarkusEntryPoint.class
              .getName()
              .equals(manifest.getMainAttributes().getValue(Attributes.Name.MAIN_CLASS))) {
        return;
      }
      manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, mainClass);
      try (OutputStream file = Files.newOutputStream(changed);
          ZipOutputStream after = new ZipOutputStream(file)) {
        for (JarEntry each : Collections.list(before.entries())) {
          ZipEntry entry = new ZipEntry(each.getName());
          entry.setTime(each.getTime());
          after.putNextEntry(entry);
          if (each.getName().equals(JarFile.MANIFEST_NAME)) {
            manifest.write(after);
          } else if (!each.isDirectory()) {
            try (InputStream content = before.getInputStream(each)) {
              content.transferTo(after);
            }
          }
          after.closeEntry();
        }
      }
    }
    Files.move(changed, jar, StandardCopyOption.REPLACE_EXISTING);
  }
}
