package dev.koalja.router.link;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import java.util.Optional;

/**
 * How a reader stands at one moment.
 *
 * @param state what it is doing
 * @param reason why it is not simply running, for people
 * @param inFlight calls under way
 * @param buffered events read and not yet committed
 * @param retrying events waiting for another attempt
 * @param parked those of them whose position went on without them
 * @param circuitOpen whether the function only fails, and is tried with one event now and then
 * @param lag records on the link that were not read yet
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record ReaderStatus(
    String pipeline,
    String task,
    String input,
    String link,
    State state,
    Optional<String> reason,
    int inFlight,
    int buffered,
    int retrying,
    int parked,
    boolean circuitOpen,
    long lag) {
  /** What a reader is doing. */
  public enum State {
    STARTING,
    RUNNING,
    /** Full: waits for calls to end. */
    PAUSED,
    /** A position is missing or unreadable: needs a person. */
    HELD,
    STOPPING;

    /** The word in JSON and on the console. */
    @JsonValue
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
