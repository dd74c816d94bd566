package registration;

import dev.koalja.function.Function;
import dev.koalja.function.Input;
import dev.koalja.function.Output;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.rest.client.inject.RestClient;

/** Greets visitors, with what another service knows of them and what is configured. */
@ApplicationScoped
class Welcome {
  private final Directory directory;
  private final String word;

  Welcome(
      @RestClient Directory directory,
      @ConfigProperty(name = "welcome.word", defaultValue = "Welcome") String word) {
    this.directory = directory;
    this.word = word;
  }

  /** Somebody at the door. */
  record Visitor(String name, String mail) {}

  /** What is said. */
  record Greeting(String text) {}

  @Function
  @Output("greeting")
  Greeting welcome(@Input("visitor") Visitor visitor) {
    String town = directory.find(visitor.mail()).town();
    return new Greeting("%s, %s of %s".formatted(word, visitor.name(), town));
  }
}
