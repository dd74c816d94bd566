/**
 * Follows the definition topic. Arrives: its records. Leaves: complete revisions. Hands to: {@link
 * dev.koalja.router.EventRouter}.
 */
@NullMarked
package dev.koalja.router.definition;

import org.jspecify.annotations.NullMarked;
