package dev.koalja.cli.project;

import dev.koalja.cli.CliException;
import dev.koalja.cli.Versions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import javax.lang.model.SourceVersion;

/** A project to begin with: a shop that prices orders. */
public final class NewProject {
  private static final List<String> FILES =
      List.of(
          "pom.xml",
          "README.md",
          "gitignore",
          "src/main/resources/application.properties",
          "src/main/java/Order.java",
          "src/main/java/Priced.java",
          "src/main/java/Prices.java",
          "src/test/java/PricesTest.java",
          "src/test/java/CircuitTest.java");

  private NewProject() {}

  /**
   * Writes it.
   *
   * @param folder must not exist, or be empty
   * @param name also the artifact's and, without dashes, the package's
   * @throws CliException when there is something in the folder
   */
  public static void create(Path folder, String name, Versions versions) throws IOException {
    if (Files.exists(folder)) {
      if (!Files.isDirectory(folder)) {
        throw CliException.usage(folder + " is a file");
      }
      try (Stream<Path> files = Files.list(folder)) {
        if (files.findAny().isPresent()) {
          throw CliException.usage(folder + " is not empty: choose another name");
        }
      }
    }
    String javaPackage = packageName(name);
    for (String file : FILES) {
      String text =
          template(file)
              .replace("@name@", name)
              .replace("@package@", javaPackage)
              .replace("@koalja@", versions.koalja())
              .replace("@quarkus@", versions.quarkus());
      Path target = folder.resolve(place(file, javaPackage));
      Files.createDirectories(target.getParent());
      Files.writeString(target, text);
    }
  }

  /** The name without dashes; with a word before it where that is none a package may have. */
  static String packageName(String name) {
    String plain = name.replace("-", "");
    return SourceVersion.isKeyword(plain) || Set.of("java", "javax", "test").contains(plain)
        ? plain + "app"
        : plain;
  }

  private static String place(String file, String javaPackage) {
    if (file.equals("gitignore")) {
      return ".gitignore";
    }
    return file.replace("/java/", "/java/" + javaPackage + "/");
  }

  private static String template(String file) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(NewProject.class.getResourceAsStream("template/" + file), file)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
