/**
 * Kills everything and audits every record. A {@link dev.koalja.soak.Plan} comes from a seed;
 * {@link dev.koalja.soak.Round} sends its events while {@link dev.koalja.soak.Faults} carries out
 * its faults; {@link dev.koalja.soak.Ledger} reads what stands on the topics afterwards; {@link
 * dev.koalja.soak.Audit} compares that with what should.
 */
@NullMarked
package dev.koalja.soak;

import org.jspecify.annotations.NullMarked;
