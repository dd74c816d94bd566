package @package@;

import dev.koalja.function.Key;
import java.math.BigDecimal;

/** An order with its price. Orders of one customer stay in order: the customer is the key. */
record Priced(String id, @Key String customer, BigDecimal total) {}
