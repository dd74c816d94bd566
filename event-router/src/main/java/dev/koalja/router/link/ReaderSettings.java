package dev.koalja.router.link;

import dev.koalja.router.kafka.KafkaCluster;
import java.util.Optional;

/**
 * How readers are set up.
 *
 * @param kafka where Kafka is
 * @param slot names this router among those of the installation; empty: no lasting membership
 * @param offsetMetadataCharacters what the broker takes as offset metadata
 * @param limits memory of one reader
 */
public record ReaderSettings(
    KafkaCluster kafka, Optional<String> slot, int offsetMetadataCharacters, ReaderLimits limits) {}
