package dev.koalja.builder;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.StandardLocation;
import javax.tools.ToolProvider;

/** The Java sources of a project, compiled in this process with its jars kept open. */
final class JavaSources {
  private final Pom pom;
  private final JavaCompiler compiler;
  private final StandardJavaFileManager files;

  JavaSources(Pom pom, List<Path> classPath) throws IOException {
    this.pom = pom;
    this.compiler = ToolProvider.getSystemJavaCompiler();
    this.files = compiler.getStandardFileManager(null, Locale.ROOT, StandardCharsets.UTF_8);
    files.setLocationFromPaths(StandardLocation.CLASS_PATH, classPath);
  }

  /** All of them, as they are now. */
  List<Path> all() throws IOException {
    return SourceTree.files(pom.sources()).stream()
        .filter(each -> each.toString().endsWith(".java"))
        .toList();
  }

  /**
   * Compiles them.
   *
   * @param sources what {@link #all} says
   * @param classes where the classes go
   * @return what is wrong, as {@code src/main/java/shop/Prices.java:14:9 cannot find symbol …};
   *     empty when nothing is
   */
  List<String> compile(List<Path> sources, Path classes) throws IOException {
    if (sources.isEmpty()) {
      return List.of();
    }
    files.setLocationFromPaths(StandardLocation.CLASS_OUTPUT, List.of(classes));
    DiagnosticCollector<JavaFileObject> said = new DiagnosticCollector<>();
    boolean compiled =
        compiler
            .getTask(
                null,
                files,
                said,
                pom.compilerOptions(),
                null,
                files.getJavaFileObjectsFromPaths(sources))
            .call();
    return compiled
        ? List.of()
        : said.getDiagnostics().stream()
            .filter(each -> each.getKind() == Diagnostic.Kind.ERROR)
            .map(this::line)
            .distinct()
            .toList();
  }

  private String line(Diagnostic<? extends JavaFileObject> problem) {
    String message = problem.getMessage(Locale.ROOT).lines().map(String::strip).toList().toString();
    String text =
        message.substring(1, message.length() - 1).replaceAll(",? +(symbol|location):", ", $1");
    if (problem.getSource() == null) {
      return text;
    }
    Path file = Path.of(problem.getSource().toUri());
    Path shown = file.startsWith(pom.folder()) ? pom.folder().relativize(file) : file;
    return "%s:%d:%d  %s"
        .formatted(shown, problem.getLineNumber(), problem.getColumnNumber(), text);
  }
}
