package @package@;

import java.util.List;

/** What somebody wants to buy. */
record Order(String id, String customer, List<Item> items) {
  /** Some pieces of one article. */
  record Item(String sku, int qty) {}
}
