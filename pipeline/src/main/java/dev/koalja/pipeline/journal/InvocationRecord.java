package dev.koalja.pipeline.journal;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What the journal keeps of one invocation. JSON on the journal topic, record key = invocation id.
 * Fields are only ever added, so every version reads every other.
 *
 * @param invocation the invocation id
 * @param pipeline its pipeline
 * @param revision the revision of the pipeline that was in force
 * @param task its task
 * @param codeRevision what the function said of its code, when it answered
 * @param outcome how it ended
 * @param inputs the events it was given
 * @param outputs the events it made, dead letters and quarantined records included
 * @param attempts every call that was made, in order
 * @param queued from append of the input to the first attempt
 * @param coldStart how long the first attempt waited for a process to start, when it did
 * @param executed sum of the attempts
 * @param instance the process that answered last, such as {@code process 3127}
 * @param traceparent the span of the invocation
 * @param endedAt when it ended
 * @param error why it failed, when it did
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record InvocationRecord(
    String invocation,
    String pipeline,
    long revision,
    String task,
    Optional<String> codeRevision,
    Outcome outcome,
    List<InputEvent> inputs,
    List<OutputEvent> outputs,
    List<Attempt> attempts,
    Duration queued,
    Optional<Duration> coldStart,
    Duration executed,
    Optional<String> instance,
    Optional<String> traceparent,
    Instant endedAt,
    Optional<Failure> error) {

  public InvocationRecord {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    attempts = List.copyOf(attempts);
  }

  /** How an invocation ended. */
  public enum Outcome {
    /** The function ran, and its results stand on their links. */
    SUCCEEDED,
    /** It failed for good. */
    DEAD_LETTERED,
    /** No event could be read from the record. */
    QUARANTINED,
    /** A filter of the input did not let the event pass; {@code error} names the clause. */
    FILTERED,
    /** The event came too late, or its snapshot stayed incomplete for too long. */
    EXPIRED
  }

  /**
   * An event that was read.
   *
   * @param input the port
   * @param link the link; the reader's link also when the event came back from its retry topic
   * @param topic where it stands
   * @param partition where it stands
   * @param offset where it stands
   * @param source CloudEvents source; empty for a quarantined record
   * @param id CloudEvents id; empty for a quarantined record
   * @param type CloudEvents type; empty for a quarantined record
   * @param key the event's key, when it has one
   * @param size bytes of data
   */
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  public record InputEvent(
      String input,
      String link,
      String topic,
      int partition,
      long offset,
      String source,
      String id,
      String type,
      Optional<String> key,
      long size) {}

  /**
   * An event that was made.
   *
   * @param output the port, or {@code dead-letter} or {@code quarantine}
   * @param link the link; empty for dead letters and quarantined records
   * @param topic where it was appended
   * @param source CloudEvents source
   * @param id CloudEvents id
   * @param type CloudEvents type
   * @param key the event's key, when it has one
   * @param size bytes of data
   * @param sha256 digest of the data, lower-case hex
   */
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  public record OutputEvent(
      String output,
      String link,
      String topic,
      String source,
      String id,
      String type,
      Optional<String> key,
      long size,
      String sha256) {}

  /**
   * One call.
   *
   * @param number from 1
   * @param startedAt when the request was sent
   * @param took until the answer or the failure
   * @param status the HTTP status, when there was an answer
   * @param error why it failed, when it did
   */
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  public record Attempt(
      int number,
      Instant startedAt,
      Duration took,
      Optional<Integer> status,
      Optional<Failure> error) {}

  /**
   * Why something failed.
   *
   * @param code the word of an error code
   * @param cause what went wrong, at most 1,000 characters
   */
  public record Failure(String code, String cause) {}
}
