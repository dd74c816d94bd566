package dev.koalja.builder;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChangedFunctionsTest {
  @TempDir Path dir;
  private ChangedFunctions changed;

  @BeforeEach
  void beginWithNothing() throws IOException {
    changed = new ChangedFunctions(dir.resolve("not built yet"));
  }

  private List<String> compile(String prices, String stock) throws IOException {
    Path classes = Files.createDirectories(dir.resolve("classes"));
    Path one = Files.writeString(dir.resolve("Prices.java"), prices);
    Path other = Files.writeString(dir.resolve("Stock.java"), stock);
    int status =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                null,
                null,
                "-nowarn",
                "-proc:none",
                "-d",
                classes.toString(),
                "-cp",
                System.getProperty("java.class.path"),
                one.toString(),
                other.toString());
    assertThat(status).isZero();
    return changed.since(classes);
  }

  private static String prices(String body) {
    return """
    import dev.koalja.function.Function;
    class Prices {
      @Function String priceOrder(String order) { return %s; }
      @Function(name = "till") String receipt(String order) { return order; }
      String help() { return ""; }
    }
    """
        .formatted(body);
  }

  private static String stock(String body) {
    return "record Stock(String %s) {}".formatted(body);
  }

  @Test
  void shouldNameTheFunctionsOfTheClassesThatChanged() throws IOException {
    assertThat(compile(prices("order"), stock("a"))).as("nothing to compare with").isEmpty();
    assertThat(compile(prices("order + 1"), stock("a"))).containsExactly("price-order", "till");
    assertThat(compile(prices("order + 1"), stock("a"))).as("nothing changed").isEmpty();
    assertThat(compile(prices("order + 1"), stock("b"))).as("no function's").isEmpty();

    changed = new ChangedFunctions(dir.resolve("classes"));
    assertThat(compile(prices("order + 2"), stock("b")))
        .as("against what another build left")
        .containsExactly("price-order", "till");
  }

  @Test
  void shouldKnowWhetherThereWereFunctions() throws IOException {
    assertThat(changed.knowsFunctions()).as("nothing was built").isFalse();
    compile("class Prices {}", stock("a"));
    assertThat(changed.knowsFunctions()).as("none of them is a function").isFalse();
    compile(prices("order"), stock("a"));
    assertThat(changed.knowsFunctions()).isTrue();
  }
}
