package dev.koalja.pipeline.event;

/**
 * CloudEvents extension attributes and HTTP headers that Koalja reads and writes. {@code
 * PROTOCOL.md} says who sets which when.
 */
public final class KoaljaExtensions {
  /** Decides the order of events and, when present, is the Kafka record key (partitioning ext.). */
  public static final String PARTITION_KEY = "partitionkey";

  /** When an event is of no use any more, RFC 3339 (CloudEvents expiry-time extension). */
  public static final String EXPIRY_TIME = "expirytime";

  /** How many functions an event came through on its way; absent: none. Set by the router. */
  public static final String HOPS = "koaljahops";

  /** Which output a reply goes to; absent: the first. Removed before the event is appended. */
  public static final String OUTPUT = "koaljaoutput";

  /** Which input an event of a snapshot belongs to. */
  public static final String INPUT = "koaljainput";

  /** The position of an event within its input of a snapshot, from 0. */
  public static final String INDEX = "koaljaindex";

  /** Where an event of a snapshot stands: topic/partition/offset. */
  public static final String POSITION = "koaljaposition";

  /** Snapshots: true when the time was over before all inputs were there. */
  public static final String PARTIAL = "koaljapartial";

  /** Dead letters: the task that failed (Knative's name). */
  public static final String ERROR_DESTINATION = "knativeerrordest";

  /** Dead letters: the last HTTP status, or an {@code ErrorCode} number (Knative's name). */
  public static final String ERROR_CODE = "knativeerrorcode";

  /** Dead letters: what was answered, base 64 when not plain text (Knative's name). */
  public static final String ERROR_DATA = "knativeerrordata";

  /** Dead letters: how many attempts were made. */
  public static final String ATTEMPTS = "koaljaattempts";

  /** Dead letters: the invocation that failed. */
  public static final String INVOCATION = "koaljainvocation";

  /** Dead letters: a short cause that groups equal failures. */
  public static final String CAUSE = "koaljacause";

  /** Dead letters: the code revision that failed last. */
  public static final String CODE_REVISION = "koaljacode";

  /** How the event came in: trigger or HTTP, and from where. Set by the gateway. */
  public static final String ORIGIN = "koaljaorigin";

  /** Request header: the invocation id, the same for every attempt. */
  public static final String INVOCATION_HEADER = "Koalja-Invocation";

  /** Request header: which attempt this is, from 1. */
  public static final String ATTEMPT_HEADER = "Koalja-Attempt";

  /** Request header: when the caller stops waiting, RFC 3339. */
  public static final String DEADLINE_HEADER = "Koalja-Deadline";

  /** Request header: the task to run, also the last segment of the path. */
  public static final String TASK_HEADER = "Koalja-Task";

  /** Response header: the code revision that answered. */
  public static final String CODE_REVISION_HEADER = "Koalja-Code-Revision";

  /** HTTP and Kafka header: W3C trace context. */
  public static final String TRACEPARENT = "traceparent";

  private KoaljaExtensions() {}
}
