package orders;

import dev.koalja.function.Key;
import java.math.BigDecimal;

/**
 * What somebody wants.
 *
 * @param id the key: events of one order meet
 * @param customer who
 * @param quantity how many
 * @param price of one
 */
record Order(@Key String id, String customer, int quantity, BigDecimal price) {}
