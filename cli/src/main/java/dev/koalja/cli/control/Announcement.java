package dev.koalja.cli.control;

import dev.koalja.cli.show.Screen;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where a running circuit can be found by other commands, as long as it runs: its state folder, and
 * the folder one stands in when that is another. Removed at the end, also at Ctrl-C.
 */
public final class Announcement implements AutoCloseable {
  private final RunningCircuit running;
  private final List<Path> folders;

  private Announcement(RunningCircuit running, List<Path> folders) {
    this.running = running;
    this.folders = List.copyOf(folders);
  }

  /** Writes it. */
  public static Announcement make(RunningCircuit running, Screen screen) throws IOException {
    List<Path> folders = new ArrayList<>(List.of(running.state()));
    other(running.state(), running)
        .ifPresent(
            other ->
                screen.note(
                    "The circuit with its data in %s is found with --at %s from now on."
                        .formatted(other.state(), other.control())));
    running.write(running.state());
    Path here = RunningCircuit.here();
    if (!here.equals(running.state())) {
      try {
        if (other(here, running).isEmpty()) {
          running.write(here);
          folders.add(here);
        } else {
          screen.note(
              "Another circuit of this folder runs: this one is found with --at "
                  + running.control());
        }
      } catch (IOException e) {
        screen.note(
            "%s cannot be written: other commands need --at %s".formatted(here, running.control()));
      }
    }
    Announcement announcement = new Announcement(running, folders);
    try {
      Runtime.getRuntime().addShutdownHook(new Thread(announcement::close));
    } catch (IllegalStateException e) {
      announcement.close(); // we are ending already
    }
    return announcement;
  }

  /** What others announce in a folder; not what an earlier run with our state left there. */
  private static Optional<RunningCircuit> other(Path folder, RunningCircuit running) {
    return RunningCircuit.in(folder).filter(other -> !other.state().equals(running.state()));
  }

  /** Removes it. */
  @Override
  public void close() {
    for (Path folder : folders) {
      try {
        running.remove(folder);
      } catch (IOException e) {
        // it names a lock that nobody holds: the next command sees that
      }
    }
  }
}
