/**
 * Error codes that metrics, logs, dead letters and HTTP answers all quote, and the RFC 9457 problem
 * that carries them over HTTP.
 */
@NullMarked
package dev.koalja.pipeline.error;

import org.jspecify.annotations.NullMarked;
