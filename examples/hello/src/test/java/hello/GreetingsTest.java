package hello;

import static org.assertj.core.api.Assertions.assertThat;

import dev.koalja.test.FunctionTester;
import org.junit.jupiter.api.Test;

class GreetingsTest {
  private final FunctionTester greetings = FunctionTester.of(new Greetings());

  @Test
  void greetsByName() throws Exception {
    var greeting = greetings.call("greet", "Ann").only();

    assertThat(greeting.link()).isEqualTo("greeting");
    assertThat(greeting.as(String.class)).isEqualTo("Hello, Ann!");
  }
}
