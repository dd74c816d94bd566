package dev.koalja.router.memory;

import dev.koalja.pipeline.Reader;
import dev.koalja.router.dispatch.Delivery;
import dev.koalja.router.reply.ResultAppender;
import dev.koalja.router.snapshot.Intake;
import java.time.Instant;
import java.util.Optional;

/** Takes events of an input to the arrivals of its task. */
final class IntakeStage implements Stage {
  private final MemoryRouter router;
  private final LinkEnd link;
  private final Intake intake;

  IntakeStage(MemoryRouter router, Reader reader, ResultAppender appender) {
    this.router = router;
    this.link = new LinkEnd(router, reader, appender);
    this.intake = new Intake(reader, appender);
  }

  @Override
  public boolean step() {
    if (!link.hasNext()) {
      return false;
    }
    Optional<Delivery> event = link.next();
    if (event.isPresent()) {
      switch (intake.take(event.get(), router.instant())) {
        case Intake.TakenIn.Arrives(var arrival) -> router.append(arrival);
        case Intake.TakenIn.Settled(var appendable) -> router.append(appendable);
      }
    }
    return true;
  }

  @Override
  public Optional<Instant> due() {
    return Optional.empty();
  }
}
