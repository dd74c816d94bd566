package registration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.koalja.function.Event;
import dev.koalja.test.Circuit;
import dev.koalja.test.DeadLetter;
import dev.koalja.test.KoaljaTest;
import io.cloudevents.CloudEvent;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** From the form to the line of the export, which is in the app's own format. */
@KoaljaTest
class RegistrationCircuitTest {
  /** Without CDI nobody hands over what a constructor asks for. */
  @BeforeEach
  void standIn(Circuit circuit) {
    circuit.with(new Welcome(mail -> new Directory.Person("Berne"), "Hello"));
  }

  @Test
  void writesALineForEachMember(Circuit circuit) {
    circuit.send(
        "registration",
        Event.of("name=Ann+B&mail=ann%40example.org&age=20&interest=birds")
            .contentType("application/x-www-form-urlencoded")
            .extension("channel", "letter"));

    circuit.link("member").expect(new Member("ann@example.org", "Ann B", List.of("birds")));
    CloudEvent member = circuit.link("member").events().getFirst();
    assertThat(member.getType()).isEqualTo("com.example.registered");
    assertThat(member.getSubject()).isEqualTo("Ann B");
    assertThat(member.getExtension("channel")).isEqualTo("letter");
    assertThat(member.getExtension("partitionkey")).isEqualTo("ann@example.org");
    circuit.link("invitation").expect(new Invitation("Ann B", List.of("birds")));
    CloudEvent line = circuit.link("line").events().getFirst();
    assertThat(line.getDataContentType()).isEqualTo("text/csv");
    assertThat(line.getExtension("channel")).isEqualTo("export");
    assertThat(new String(line.getData().toBytes(), StandardCharsets.UTF_8))
        .isEqualTo("\"ann@example.org\",\"Ann B\",\"[\"\"birds\"\"]\"");
    circuit.expectNoDeadLetters();
  }

  @Test
  void welcomesWithWhatStandsInForTheOtherService(Circuit circuit) {
    circuit.send("visitor", new Welcome.Visitor("Ann", "ann@example.org"));

    circuit.link("greeting").expect(new Welcome.Greeting("Hello, Ann of Berne"));
  }

  @Test
  void refusesWhatIsNoForm(Circuit circuit) {
    circuit.send("registration", Event.of("{\"age\":\"old\"}"));

    circuit.link("member").expectNothing();
    assertThat(circuit.deadLetters("register")).hasSize(1);
  }

  @Test
  void refusesWhatBreaksARule(Circuit circuit) {
    circuit.send("registration", new Registration("", "ann@example.org", 17, List.of()));

    circuit.link("member").expectNothing();
    assertThat(circuit.deadLetters("register"))
        .singleElement()
        .extracting(DeadLetter::cause)
        .asString()
        .contains("form.age must be greater than or equal to 18; form.name must not be blank");
    assertThat(circuit.journal().getLast().attempts()).as("at once").hasSize(1);
  }
}
