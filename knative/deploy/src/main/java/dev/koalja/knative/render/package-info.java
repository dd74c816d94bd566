/**
 * From a pipeline to what a cluster is told. Arrives: a pipeline and the images of its apps.
 * Leaves: Knative Services as YAML, the same bytes for the same input. Hands to: {@code kn}, {@code
 * kubectl} or GitOps.
 */
@NullMarked
package dev.koalja.knative.render;

import org.jspecify.annotations.NullMarked;
