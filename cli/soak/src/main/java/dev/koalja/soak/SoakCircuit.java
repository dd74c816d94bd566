package dev.koalja.soak;

import dev.koalja.pipeline.Order;
import dev.koalja.pipeline.journal.InvocationRecord.Outcome;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** What the functions of our own circuit, in {@code cli/soak/app}, answer. */
final class SoakCircuit implements Behaviour {
  /** The name of the pipeline. */
  static final String PIPELINE = "koalja-soak-circuit";

  private final DeliverySettings settings;

  SoakCircuit(DeliverySettings settings) {
    this.settings = settings;
  }

  @Override
  public boolean deduplicates(String task, Given given) {
    return settings.task(task, given.id()).delivery().deduplicate().isPresent();
  }

  @Override
  public Optional<Order> order(String task, String eventId) {
    return Optional.of(settings.task(task, eventId).delivery().order());
  }

  @Override
  public Optional<Expected> of(String task, List<Given> given) {
    String data = given.stream().map(Given::data).collect(Collectors.joining(","));
    return switch (task) {
      case "relay" -> made("relayed", "relay(" + data + ")");
      case "slow" -> made("merged", "slow(" + data + ")");
      case "fail" ->
          data.endsWith(" refuse")
              ? refused(task, given.getFirst())
              : made("merged", "fail(" + data + ")");
      case "gather" ->
          data.endsWith(" refuse") && given.size() == 1
              ? refused(task, given.getFirst())
              : Optional.of(
                  new Expected(
                      Outcome.SUCCEEDED,
                      given.stream()
                          .map(each -> new Made("gathered", "gather(" + each.data() + ")"))
                          .toList()));
      case "pass" ->
          given.getFirst().id().endsWith("-0")
              ? made("merged", data)
              : Optional.of(new Expected(Outcome.FILTERED, List.of()));
      case "collect" -> made("collected", "collect(" + data + ")");
      case "join" -> made("joined", "join(" + data + ")");
      case "window" -> made("windowed", "window(" + data + ")");
      default -> Optional.empty();
    };
  }

  private Optional<Expected> refused(String task, Given given) {
    List<Made> letter =
        settings.task(task, given.id()).delivery().deadLetter().stream()
            .map(link -> new Made(link.value(), given.data()))
            .toList();
    return Optional.of(new Expected(Outcome.DEAD_LETTERED, letter));
  }

  private static Optional<Expected> made(String link, String data) {
    return Optional.of(new Expected(Outcome.SUCCEEDED, List.of(new Made(link, data))));
  }
}
