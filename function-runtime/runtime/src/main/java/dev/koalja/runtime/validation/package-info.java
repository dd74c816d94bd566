/**
 * What Jakarta Validation needs to know of Koalja's types. Arrives: an event with its data. Leaves:
 * the data. Hands to: the validator of the app, where it has one; nothing of this is loaded else.
 */
@NullMarked
package dev.koalja.runtime.validation;

import org.jspecify.annotations.NullMarked;
