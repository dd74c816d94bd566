package orders;

/**
 * What a bank tells. It knows orders, and nothing of keys.
 *
 * @param order the order that was paid
 * @param reference the bank's own number
 */
record Payment(String order, String reference) {}
