package dev.koalja.runtime.deployment;

import java.util.Optional;

/**
 * An attribute that events of an output have.
 *
 * @param name the attribute or extension
 * @param constant its value when it is always the same; else empty
 * @param component where its value stands; else empty
 */
record AttributePort(String name, String constant, Optional<KeyAccess> component) {}
