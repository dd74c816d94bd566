package registration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import jakarta.validation.ConstraintViolationException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The bean as the app has it, beside tests in memory of the same module. */
@QuarkusTest
class RegistrationsBeanTest {
  @Inject Registrations registrations;

  @Test
  void invitesToWhatInterestsThem() {
    Member ann = new Member("ann@example.org", "Ann", List.of("birds"));

    assertThat(registrations.invite(ann)).isEqualTo(new Invitation("Ann", List.of("birds")));
  }

  @Test
  void isCheckedByTheInterceptorOfTheApp() {
    Member bored = new Member("ann@example.org", "Ann", List.of());

    assertThatThrownBy(() -> registrations.invite(bored))
        .isInstanceOf(ConstraintViolationException.class)
        .hasMessageContaining("must not be empty");
  }
}
