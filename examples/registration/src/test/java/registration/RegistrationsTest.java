package registration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.koalja.function.testing.FunctionTester;
import dev.koalja.function.testing.Result;
import java.util.List;
import org.junit.jupiter.api.Test;

class RegistrationsTest {
  private final FunctionTester registrations = FunctionTester.of(new Registrations());

  @Test
  void makesMembersOfForms() throws Exception {
    Result member =
        registrations
            .call("register", "{\"name\":\"Ann\",\"mail\":\"ann@example.org\",\"age\":20}")
            .only();

    assertThat(member.as(Member.class)).isEqualTo(new Member("ann@example.org", "Ann", List.of()));
    assertThat(member.key()).contains("ann@example.org");
  }

  @Test
  void waitsForWhatComesLater() throws Exception {
    Member ann = new Member("ann@example.org", "Ann", List.of("birds"));

    assertThat(registrations.call("export", ann).only().value()).isEqualTo(ann);
  }
}
