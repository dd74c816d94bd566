/**
 * From a build to a container image, without a container engine. Arrives: the folder that {@code
 * mvn package} left. Leaves: an image with a trimmed JRE, libraries, app and start-up cache, as a
 * Docker archive and an OCI layout. Hands to: a registry, and {@code dev.koalja.knative.render},
 * whose manifests name it.
 */
@NullMarked
package dev.koalja.knative.image;

import org.jspecify.annotations.NullMarked;
