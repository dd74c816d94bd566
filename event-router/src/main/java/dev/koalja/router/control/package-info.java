/**
 * What people and probes ask of the router: its readers, its functions, its health. Arrives: HTTP
 * requests on the management listener. Leaves: JSON.
 */
@NullMarked
package dev.koalja.router.control;

import org.jspecify.annotations.NullMarked;
