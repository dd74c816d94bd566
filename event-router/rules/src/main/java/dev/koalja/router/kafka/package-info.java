/** Where Kafka is, and how its clients are let in. Used by every stage that opens one. */
@NullMarked
package dev.koalja.router.kafka;

import org.jspecify.annotations.NullMarked;
