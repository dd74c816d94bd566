/**
 * What the data on a link looks like: a small part of JSON Schema 2020-12, and the rules by which a
 * producer and a consumer are compared. Pure: values in, values out.
 */
@NullMarked
package dev.koalja.pipeline.schema;

import org.jspecify.annotations.NullMarked;
