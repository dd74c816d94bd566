package orders;

import dev.koalja.function.Key;
import java.math.BigDecimal;

/** An order and what it costs. */
record Priced(@Key String id, String customer, BigDecimal total) {}
