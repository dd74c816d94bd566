package dev.koalja.pipeline.error;

/** Who can mend an error. */
public enum ErrorType {
  /** The person or program that sent the input. */
  USER,
  /** The author of the function. */
  FUNCTION,
  /** Whoever runs Kafka, the disk, the network. */
  RESOURCES,
  /** Us. */
  PLATFORM
}
