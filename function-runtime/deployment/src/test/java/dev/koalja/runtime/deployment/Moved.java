package dev.koalja.runtime.deployment;

import dev.koalja.function.Function;
import dev.koalja.function.FunctionContext;
import dev.koalja.function.Input;
import dev.koalja.function.Output;
import java.util.List;

/** The code of docs/coming-from.md, as it is after the move. */
final class Moved {
  private Moved() {}

  record Order(String id, int amount) {}

  record Bill(String order, int total) {
    static Bill of(Order order) {
      return new Bill(order.id(), 2 * order.amount());
    }
  }

  static class FromFunqy {
    @Function
    @Output("bill")
    public Bill charge(@Input("order") Order order) {
      return Bill.of(order);
    }
  }

  static class FromSpring {
    @Function
    @Output("bill")
    Bill charge(@Input("order") Order order) {
      return Bill.of(order);
    }
  }

  static class FromLambda {
    @Function(batch = 10, linger = "1s", attempts = 2)
    public void handleRequest(@Input("order") List<Order> orders, FunctionContext context) {
      for (int i = 0; i < orders.size(); i++) {
        try {
          reserve(orders.get(i));
        } catch (RuntimeException e) {
          context.fail(i, e);
        }
      }
    }

    private static void reserve(Order order) {
      if (order.amount() < 1) {
        throw new IllegalArgumentException("nothing is wanted");
      }
    }
  }

  static class FromTheOriginal {
    @Function
    @Output("line-count")
    long countLines(@Input(value = "unique", length = 4, slide = 2) List<String> files) {
      return files.stream().flatMap(String::lines).count();
    }
  }
}
