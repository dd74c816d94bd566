package orders;

import dev.koalja.function.Key;
import java.math.BigDecimal;

/** An order that was paid, on its way. */
record Shipment(@Key String id, String customer, BigDecimal total, String payment) {}
