package dev.koalja.runtime.deployment;

import org.jboss.jandex.DotName;
import org.jboss.jandex.Type;

/**
 * Where the key of a value stands.
 *
 * @param owner the record
 * @param component its component
 * @param type the component's type
 */
record KeyAccess(DotName owner, String component, Type type) {}
