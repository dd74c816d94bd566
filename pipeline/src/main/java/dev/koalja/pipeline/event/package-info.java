/**
 * Names that events carry across processes: topics, consumer groups, CloudEvents extensions, HTTP
 * headers, invocation ids. Specified in {@code PROTOCOL.md}.
 */
@NullMarked
package dev.koalja.pipeline.event;

import org.jspecify.annotations.NullMarked;
