/**
 * The pipelines in force. Arrives: records of the definition topic, and pipeline files to apply.
 * Leaves: complete revisions, topics and start positions, new revisions in one transaction. Hands
 * to: admit and the triggers (which links there are), the event router (through the topic).
 */
@NullMarked
package dev.koalja.gateway.definition;

import org.jspecify.annotations.NullMarked;
