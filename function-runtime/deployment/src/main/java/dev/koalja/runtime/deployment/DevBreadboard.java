package dev.koalja.runtime.deployment;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The breadboard of a dev session: {@code koalja run} with the app attached that dev mode runs. It
 * is started once and survives the reloads; what it says is said in the terminal of the session. It
 * ends with the session, however that ends: it is told to end when its standard input closes.
 */
final class DevBreadboard {
  private static final Logger LOG = Logger.getLogger(DevBreadboard.class);

  /** As long as a run needs at most to end in good order. */
  private static final Duration GRACE = Duration.ofSeconds(60);

  /** Makes it deaf to Ctrl-C, which a terminal sends to every process: the app ends first. */
  private static final List<String> WITHOUT_CTRL_C =
      List.of("/bin/sh", "-c", "trap '' INT; exec \"$@\"", "sh");

  private final List<String> command;
  private final Process process;
  private volatile boolean closing;

  private DevBreadboard(List<String> command, Process process) {
    this.command = command;
    this.process = process;
    Thread.ofPlatform().daemon().name("koalja-breadboard").start(this::copyOutput);
  }

  /**
   * Goes on with the one that runs, or starts another if it has ended, or was started otherwise.
   *
   * @param running of this session, if there was one already
   * @param koalja the command
   * @param project where its data is kept, and where other commands find it
   * @param words what follows the command
   * @throws IOException when there is no such program
   */
  static DevBreadboard keep(
      @Nullable DevBreadboard running, Path koalja, Path project, List<String> words)
      throws IOException {
    List<String> command = new ArrayList<>(WITHOUT_CTRL_C);
    command.add(koalja.toString());
    command.addAll(words);
    if (running != null && running.process.isAlive() && running.command.equals(command)) {
      return running;
    }
    if (running != null) {
      running.close();
    }
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(project.toFile()).redirectErrorStream(true);
    configure(builder.environment());
    return new DevBreadboard(command, builder.start());
  }

  private static void configure(Map<String, String> environment) {
    environment.put("KOALJA_WATCH_PARENT", "true");
    Path java = Path.of(System.getProperty("java.home"));
    if (Files.isExecutable(java.resolve("bin/javac"))) {
      environment.put("JAVA_HOME", java.toString());
    }
  }

  private void copyOutput() {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        System.out.println(line);
      }
      int status = process.waitFor();
      if (!closing) {
        LOG.warnf(
            "The breadboard has ended%s; the next reload starts it again",
            status == 0 ? "" : " with status " + status);
      }
    } catch (IOException e) {
      LOG.debug("the output of the breadboard was lost", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends it in good order: what it has in flight is finished, and what waits is kept. */
  void close() {
    closing = true;
    // by its handle: the process' own method would close its output, and its last words were lost
    process.toHandle().destroy();
    try {
      if (!process.waitFor(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
