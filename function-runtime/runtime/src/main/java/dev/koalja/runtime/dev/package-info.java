/**
 * What is there in Quarkus' dev mode only, and outlives each start of the app: the HTTP server, and
 * the look for saved changes. Arrives: HTTP requests, saved files. Hands to: the {@code
 * FunctionServer} of the app that runs just then.
 */
@NullMarked
package dev.koalja.runtime.dev;

import org.jspecify.annotations.NullMarked;
