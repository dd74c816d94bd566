package registration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.koalja.function.Event;
import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.test.Failure;
import dev.koalja.test.FunctionTester;
import dev.koalja.test.Result;
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

    Result line = registrations.call("export", ann).only();

    assertThat(line.event().getDataContentType()).isEqualTo("text/csv");
    assertThat(line.payload().data())
        .asString()
        .isEqualTo("\"ann@example.org\",\"Ann\",\"[\"\"birds\"\"]\"");
  }

  @Test
  void readsAForm() throws Exception {
    Event<String> form =
        Event.of("name=Ann+B&mail=ann%40example.org&age=20&interest=birds&interest=bees")
            .contentType("application/x-www-form-urlencoded")
            .extension("channel", "letter");

    Result member = registrations.call("register", form).only();

    assertThat(member.as(Member.class))
        .isEqualTo(new Member("ann@example.org", "Ann B", List.of("birds", "bees")));
    assertThat(member.event().getType()).isEqualTo("com.example.registered");
    assertThat(member.event().getExtension("channel")).isEqualTo("letter");
  }

  /** With the words of the packaged app; see {@code PackagedIT}. */
  @Test
  void refusesWhatBreaksARule() {
    Failure input =
        registrations.expectFailure("register", "{\"name\":\"\",\"mail\":\"nobody\",\"age\":17}");
    Failure result =
        registrations.expectFailure("invite", new Member("ann@example.org", "Ann", List.of()));

    assertThat(input)
        .isEqualTo(
            new Failure(
                ErrorCode.UNREADABLE_DATA,
                "invalid: form.age must be greater than or equal to 18; form.mail must be a"
                    + " well-formed email address; form.name must not be blank"));
    assertThat(input.permanent()).isTrue();
    assertThat(result)
        .isEqualTo(new Failure(ErrorCode.BAD_REPLY, "invalid: result.topics must not be empty"));
  }
}
