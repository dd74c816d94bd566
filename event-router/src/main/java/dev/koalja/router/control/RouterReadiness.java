package dev.koalja.router.control;

import dev.koalja.router.EventRouter;
import dev.koalja.router.link.ReaderStatus;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready unless a reader is held, for a person to look at, or nothing can be committed. */
@Readiness
@ApplicationScoped
public class RouterReadiness implements HealthCheck {
  private final EventRouter router;

  public RouterReadiness(EventRouter router) {
    this.router = router;
  }

  @Override
  public HealthCheckResponse call() {
    List<ReaderStatus> readers = router.readers();
    long held = readers.stream().filter(each -> each.state() == ReaderStatus.State.HELD).count();
    return HealthCheckResponse.named("koalja-router")
        .withData("readers", readers.size())
        .withData("held", held)
        .status(held == 0 && router.working())
        .build();
  }
}
