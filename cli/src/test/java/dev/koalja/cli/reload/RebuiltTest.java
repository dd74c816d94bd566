package dev.koalja.cli.reload;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class RebuiltTest {
  private static final Duration TOOK = Duration.ofMillis(1230);

  @Test
  void shouldNameTheFunctionsThatChanged() {
    assertThat(Rebuilt.line("shop", 2, List.of("price", "ship"), List.of("shop"), false, TOOK, 0))
        .isEqualTo("shop revision 2: price, ship rebuilt in 1.2 s, nothing lost, 0 waiting");
  }

  @Test
  void shouldNameAFewOfMany() {
    assertThat(
            Rebuilt.line(
                "shop", 3, List.of("a", "b", "c", "d", "e"), List.of("shop"), false, TOOK, 7))
        .isEqualTo("shop revision 3: a, b, c and 2 more rebuilt in 1.2 s, nothing lost, 7 waiting");
  }

  @Test
  void shouldNameTheAppWhenNoFunctionAloneChanged() {
    assertThat(Rebuilt.line("shop", 4, List.of(), List.of("tills"), true, TOOK, 0))
        .isEqualTo(
            "shop revision 4: tills rebuilt and wired anew in 1.2 s, nothing lost, 0 waiting");
  }

  @Test
  void shouldSayThatOnlyTheWiringChanged() {
    assertThat(Rebuilt.line("wires", 2, List.of(), List.of(), true, TOOK, 0))
        .isEqualTo("wires revision 2: wired anew in 1.2 s, nothing lost, 0 waiting");
  }

  @Test
  void shouldSayThatOnlyTheDataChanged() {
    assertThat(Rebuilt.line("wires", 3, List.of(), List.of(), false, TOOK, 0))
        .isEqualTo("wires revision 3: typed anew in 1.2 s, nothing lost, 0 waiting");
  }
}
