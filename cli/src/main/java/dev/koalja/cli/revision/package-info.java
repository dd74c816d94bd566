/**
 * What comes into force, and what was. Arrives: builds of apps, and the wiring they mean. Leaves: a
 * revision that names both, followed by the router; and the folders of the builds that may be asked
 * for again. Hands to: the control API, and to whoever looks back.
 */
@NullMarked
package dev.koalja.cli.revision;

import org.jspecify.annotations.NullMarked;
