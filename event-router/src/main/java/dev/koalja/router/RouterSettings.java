package dev.koalja.router;

import dev.koalja.router.kafka.KafkaCluster;
import dev.koalja.router.link.ReaderLimits;
import java.util.Optional;

/**
 * How a router is set up.
 *
 * @param kafka where Kafka is
 * @param installation begins its transactional ids; two installations on one Kafka need two
 * @param slot a name no other router of the installation has at the same time; empty: a random one
 *     for this run, and others wait for timeouts when the router is killed
 * @param lanes commit lanes, 1 to 16: more isolate readers from slow output topics
 * @param offsetMetadataCharacters what the broker takes as offset metadata ({@code
 *     offset.metadata.max.bytes}), at least 512
 * @param maxRecordBytes results larger than this fail their invocation
 * @param limits memory of one reader
 * @param prewarmApps apps behind it that an event at the head of a chain wakes at most; 0: none
 */
public record RouterSettings(
    KafkaCluster kafka,
    String installation,
    Optional<String> slot,
    int lanes,
    int offsetMetadataCharacters,
    long maxRecordBytes,
    ReaderLimits limits,
    int prewarmApps) {}
