package dev.koalja.runtime.invoke;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** Waits for what a function will have, on the thread of its call, which is cheap to block. */
public final class Later {
  private Later() {}

  /**
   * The value, once it is there. Called by generated invokers.
   *
   * @return null when the function returned none
   * @throws Throwable why there is none; when the deadline of the call passes meanwhile, the
   *     interrupt, and what is waited for is cancelled
   */
  public static @Nullable Object await(@Nullable CompletionStage<?> stage) throws Throwable {
    if (stage == null) {
      return null;
    }
    CompletableFuture<?> future = future(stage);
    try {
      return future.get();
    } catch (InterruptedException e) {
      future.cancel(true);
      throw e;
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      throw cause == null ? e : cause;
    }
  }

  private static <T> CompletableFuture<T> future(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture();
    } catch (UnsupportedOperationException _) {
      CompletableFuture<T> future = new CompletableFuture<>();
      var _ =
          stage.whenComplete(
              (value, failure) -> {
                if (failure == null) {
                  future.complete(value);
                } else {
                  future.completeExceptionally(failure);
                }
              });
      return future;
    }
  }
}
