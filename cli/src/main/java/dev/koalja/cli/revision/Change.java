package dev.koalja.cli.revision;

import dev.koalja.cli.CliException;
import dev.koalja.cli.Exit;
import dev.koalja.cli.control.ControlClient;
import dev.koalja.pipeline.definition.Definition;
import java.io.IOException;
import java.util.Optional;

/**
 * A change that somebody asks for: it is made for what is in force, brought in, and made anew when
 * another came first. Nothing is left of one that is refused.
 */
public final class Change {
  private static final int ATTEMPTS = 5;

  private final ControlClient control;
  private final Optional<Builds> builds;
  private final Patience patience;

  /** What a change comes to when it is made for what is in force. */
  @FunctionalInterface
  public interface Made {
    /**
     * Makes it.
     *
     * @return empty when what is in force is it already
     */
    Optional<Takeover.Proposed> now() throws IOException, InterruptedException;
  }

  /**
   * What came of a change.
   *
   * @param definition what is in force now
   * @param waiting requests that wait for a place
   */
  public record Done(Definition definition, long waiting) {}

  /**
   * @param builds the folder of the builds, where it is known
   * @param patience how a circuit that does not answer is waited for
   */
  public Change(ControlClient control, Optional<Builds> builds, Patience patience) {
    this.control = control;
    this.builds = builds;
    this.patience = patience;
  }

  /**
   * Brings it in.
   *
   * @return empty when there was nothing to change
   * @throws CliException when it is refused, or nobody can say what came of it
   */
  public Optional<Done> bring(Made change) throws IOException, InterruptedException {
    for (int attempt = 1; ; attempt++) {
      Optional<Takeover.Proposed> proposed = change.now();
      if (proposed.isEmpty()) {
        return Optional.empty();
      }
      Takeover takeover = new Takeover(control, builds, proposed.get(), patience);
      switch (takeover.bring()) {
        case Takeover.Ending.Followed(var definition) -> {
          return Optional.of(new Done(definition, takeover.waiting()));
        }
        case Takeover.Ending.NotFollowedYet(var definition) ->
            throw CliException.unavailable(
                "%s revision %d is in force, but the router does not follow it yet"
                    .formatted(definition.pipeline().name(), definition.revision()));
        case Takeover.Ending.Refused(var reason) -> throw goesOn(proposed.get(), reason);
        case Takeover.Ending.Overtaken(var reason) -> {
          if (attempt == ATTEMPTS) {
            throw goesOn(proposed.get(), reason);
          }
        }
        case Takeover.Ending.Unknown(var reason) ->
            throw new CliException(
                Exit.UNAVAILABLE,
                "%s: whether the change is in force is not known; koalja revisions says it once the circuit answers"
                    .formatted(reason.getMessage()),
                reason.details());
      }
    }
  }

  private static CliException goesOn(Takeover.Proposed proposed, CliException reason) {
    return new CliException(
        reason.exit(),
        "%s: %s"
            .formatted(
                words(reason),
                proposed
                    .before()
                    .map(it -> "revision %d goes on".formatted(it.revision()))
                    .orElse("nothing is changed")),
        reason.details());
  }

  /** What a refusal says to people, without the number of its status. */
  public static String words(CliException reason) {
    return String.valueOf(reason.getMessage()).replaceFirst("^\\d{3} ", "");
  }
}
