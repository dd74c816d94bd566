/**
 * Registration: what visitors type into a form arrives on link {@code registration} and is checked;
 * members leave on link {@code member}, and from there as invitations and as lines of a CSV file.
 */
@NullMarked
package registration;

import org.jspecify.annotations.NullMarked;
