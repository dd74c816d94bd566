package dev.koalja.test.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedSet;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The check itself, with two small sets of classes, compiled here. */
class ApiChangeTest {
  @TempDir Path dir;

  @Test
  void namesAMethodThatWasRemoved() throws Exception {
    ApiChange change =
        change(
            "public class Shop { public int count() { return 1; } public void open() {} }",
            "public class Shop { public int count() { return 1; } }");

    assertThat(change.broken())
        .containsExactly("removed or changed  Shop: public void Shop.open()");
    assertThat(change.added()).isEmpty();
  }

  @Test
  void takesAnotherResultForAChange() throws Exception {
    ApiChange change =
        change(
            "public class Shop { public int count() { return 1; } }",
            "public class Shop { public long count() { return 1; } }");

    assertThat(change.broken())
        .containsExactly("removed or changed  Shop: public int Shop.count()");
  }

  @Test
  void seesWhatIsLessVisibleAndWhatIsGone() throws Exception {
    assertThat(change("public class Shop {}", "class Shop {}").broken())
        .containsExactly(
            "removed or changed  Shop: public Shop()",
            "removed or changed  Shop: public class Shop");
  }

  @Test
  void letsAnApiGrow() throws Exception {
    ApiChange change =
        change(
            "public class Shop { }",
            "public class Shop { public class Shelf {} protected int size; void hidden() {} }");

    assertThat(change.broken()).isEmpty();
    assertThat(change.added())
        .containsExactly(
            "Shop$Shelf: public Shop$Shelf(Shop)",
            "Shop$Shelf: public class Shop$Shelf",
            "Shop: protected int Shop.size");
  }

  @Test
  void refusesWhatIsDemandedOfThoseThatExist() throws Exception {
    assertThat(
            change(
                    "public interface Store { void open(); }",
                    "public interface Store { void open(); void close(); default int n() { return 1; } }")
                .broken())
        .containsExactly("demanded of those that exist  Store: public abstract void Store.close()");
    assertThat(
            change(
                    "public @interface Task { String name(); }",
                    "public @interface Task { String name(); int size(); int max() default 1; }")
                .broken())
        .containsExactly("demanded of those that exist  Task: public abstract int Task.size()");
  }

  @Test
  void seesComponentsDefaultsAndPermittedTypes() throws Exception {
    assertThat(
            change("public record P(int a, int b) {}", "public record P(int b, int a) {}").broken())
        .containsExactly("removed or changed  P: public final record P (a, b)");
    assertThat(
            change(
                    "public @interface T { int n() default 1; }",
                    "public @interface T { int n() default 2; }")
                .broken())
        .contains("removed or changed  T: public abstract int T.n() default 1");
    assertThat(
            change(
                    "public sealed interface E { record A() implements E {} }",
                    "public sealed interface E { record A() implements E {} record B() implements E {} }")
                .broken())
        .singleElement()
        .asString()
        .contains("permits E$A");
  }

  @Test
  void allowsToDeprecate() throws Exception {
    assertThat(
            change(
                    "public class Shop { public void open() {} }",
                    "public class Shop { @Deprecated public void open() {} }")
                .broken())
        .isEmpty();
  }

  private ApiChange change(String before, String now) throws Exception {
    return ApiChange.between(api("before", before), api("now", now));
  }

  private SortedSet<String> api(String version, String source) throws Exception {
    Path classes = Files.createDirectories(Files.createTempDirectory(dir, version));
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    String name = source.replaceAll("(?s)^.*?(?:class|interface|record) (\\w+).*$", "$1");
    boolean compiled =
        compiler
            .getTask(
                null,
                null,
                null,
                List.of("-d", classes.toString()),
                null,
                List.of(new Source(name, source)))
            .call();
    assertThat(compiled).isTrue();
    try (URLClassLoader loader = new URLClassLoader(new URL[] {classes.toUri().toURL()}, null)) {
      return PublicApi.of(classes, loader);
    }
  }

  private static final class Source extends SimpleJavaFileObject {
    private final String text;

    Source(String name, String text) {
      super(URI.create("string:///" + name + ".java"), JavaFileObject.Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }
}
