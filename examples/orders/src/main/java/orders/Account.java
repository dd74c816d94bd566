package orders;

import dev.koalja.function.Key;
import java.math.BigDecimal;

/** What a customer has bought so far. */
record Account(@Key String customer, int orders, BigDecimal total) {}
