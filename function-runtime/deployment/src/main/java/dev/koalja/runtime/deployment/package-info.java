/**
 * What happens when an app is built. Arrives: the index of its classes. Leaves: generated invokers,
 * the inferred pipeline file, or every problem at once. Hands to: the function process, and the
 * commands that read {@code target/koalja/pipeline.yaml}.
 */
@NullMarked
package dev.koalja.runtime.deployment;

import org.jspecify.annotations.NullMarked;
