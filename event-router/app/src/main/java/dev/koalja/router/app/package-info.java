/**
 * The router as a process of its own, as it runs on a cluster. Arrives: its configuration. Hands
 * to: {@link dev.koalja.router.EventRouter}.
 */
@NullMarked
package dev.koalja.router.app;

import org.jspecify.annotations.NullMarked;
