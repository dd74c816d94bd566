/**
 * The pipeline file: its grammar, its checks, its merge. Arrives: YAML text. Leaves: a {@link
 * dev.koalja.pipeline.Pipeline}, or every problem at once with line, path and a suggestion. Hands
 * to: the definition topic.
 */
@NullMarked
package dev.koalja.pipeline.yaml;

import org.jspecify.annotations.NullMarked;
