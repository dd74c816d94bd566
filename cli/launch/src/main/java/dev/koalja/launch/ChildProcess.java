package dev.koalja.launch;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A process of ours that runs. Holds its standard input open, and tells it by {@code
 * KOALJA_WATCH_PARENT} to end when that closes: so it never outlives us, even if we are killed. Its
 * output goes to its log file. Safe for threads.
 */
public final class ChildProcess implements AutoCloseable {
  /**
   * How long a process has to end in good order before it is killed. More than the breadboard takes
   * at most: 10 s for requests it is answering, 20 s for calls under way, 10 s for the functions.
   */
  public static final Duration GRACE = Duration.ofSeconds(45);

  private static final int LINES_KEPT = 20;

  /** How long a process may go on after it closed its output, before it was ready. */
  private static final Duration SILENCE = Duration.ofSeconds(5);

  /** {@code koalja: …} and {@code koalja breadboard: …}. */
  private static final Pattern OWN_LINE = Pattern.compile("koalja(?: [a-z]+)?: (.*)");

  /** Makes a child deaf to Ctrl-C, which a terminal sends to us and to every child alike. */
  static final List<String> WITHOUT_CTRL_C =
      List.of("/bin/sh", "-c", "trap '' INT; exec \"$@\"", "sh");

  private final Launch launch;
  private final Process process;
  private final CompletableFuture<String> ready = new CompletableFuture<>();
  private final Deque<String> lastLines = new ArrayDeque<>();
  private final Thread pump;

  private ChildProcess(Launch launch, Process process, ProcessLog log) {
    this.launch = launch;
    this.process = process;
    // a thread of the platform: reading a pipe holds a carrier for as long as the child is silent.
    // With four children on two processors all other virtual threads were seen to wait for ever
    this.pump =
        Thread.ofPlatform().name(launch.name() + "-output").daemon().start(() -> copyOutput(log));
  }

  /**
   * Starts it and waits until it says that it is ready.
   *
   * @throws LaunchException with its last word when it ends first or takes too long; nothing is
   *     left running then
   */
  public static ChildProcess start(Launch launch) {
    List<String> command = new ArrayList<>(WITHOUT_CTRL_C);
    command.addAll(launch.command());
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("KOALJA_WATCH_PARENT", "true");
    builder.environment().putAll(launch.environment());
    launch.folder().ifPresent(folder -> builder.directory(folder.toFile()));
    ProcessLog log = openLog(launch);
    ChildProcess child;
    try {
      child = new ChildProcess(launch, builder.start(), log);
    } catch (IOException e) {
      log.close();
      throw new LaunchException(launch.name() + " cannot be started: " + e.getMessage(), e);
    }
    child.awaitReady();
    return child;
  }

  private static ProcessLog openLog(Launch launch) {
    try {
      return ProcessLog.open(launch.log());
    } catch (IOException e) {
      throw new LaunchException(
          "%s cannot be started: its log %s cannot be written: %s"
              .formatted(launch.name(), launch.log(), e.getMessage()),
          e);
    }
  }

  private void awaitReady() {
    try {
      ready.get(launch.limit().toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      kill9();
      throw new LaunchException(
          "%s was not ready within %d s; see %s"
              .formatted(launch.name(), launch.limit().toSeconds(), launch.log()));
    } catch (InterruptedException e) {
      kill9();
      Thread.currentThread().interrupt();
      throw new LaunchException("interrupted while " + launch.name() + " started", e);
    } catch (ExecutionException e) {
      int exitCode = exitCodeOfSilent();
      throw new LaunchException(
          lastWord() + (exitCode == 69 || exitCode == 64 ? "" : "; see " + launch.log()), exitCode);
    }
  }

  /** How it ended, now that it says no more; ended by us if it goes on without a voice. */
  private int exitCodeOfSilent() {
    try {
      if (process.waitFor(SILENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        return process.exitValue();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    kill9();
    throw new LaunchException(
        "%s closed its output before it was ready; see %s".formatted(launch.name(), launch.log()));
  }

  private void copyOutput(ProcessLog log) {
    try (log;
        BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        synchronized (lastLines) {
          if (lastLines.size() == LINES_KEPT) {
            lastLines.removeFirst();
          }
          lastLines.addLast(line);
        }
        log.write(line);
        if (line.startsWith(launch.ready())) {
          ready.complete(line);
        }
      }
    } catch (IOException e) {
      // killed in the middle of a line; what there is to say is in the exit status
    } finally {
      ready.completeExceptionally(new IOException("ended"));
    }
  }

  /** The last thing it said: its own line for people if there is one, without its name. */
  public String lastWord() {
    synchronized (lastLines) {
      return lastLines.reversed().stream()
          .map(OWN_LINE::matcher)
          .filter(Matcher::matches)
          .map(line -> line.group(1))
          .findFirst()
          .or(() -> lastLines.reversed().stream().filter(line -> !line.isBlank()).findFirst())
          .orElse(launch.name() + " ended without a word");
    }
  }

  /** The line by which it said that it is ready. */
  public String readyLine() {
    return ready.join();
  }

  /** How it was started; starting that again replaces a process that ended. */
  public Launch launch() {
    return launch;
  }

  /** Its process id. */
  public long pid() {
    return process.pid();
  }

  /** The processes it started, and those that they started. */
  public List<ProcessHandle> descendants() {
    return process.descendants().toList();
  }

  /** Whether it runs. */
  public boolean alive() {
    return process.isAlive();
  }

  /** Completes with the exit status when it ends, whatever the reason. */
  public CompletableFuture<Integer> onExit() {
    return process.onExit().thenApply(Process::exitValue);
  }

  /** Closes its standard input, as our own death would: it ends in good order. */
  public void closeInput() throws IOException {
    process.getOutputStream().close();
  }

  /** Kills it without warning (SIGKILL) and waits until it is gone. */
  public void kill9() {
    process.toHandle().destroyForcibly();
    process.onExit().join();
    awaitOutput();
  }

  /**
   * Asks it to end (SIGTERM), waits, and kills it when it takes longer than {@code limit}.
   *
   * @return whether it ended by itself
   */
  public boolean stop(Duration limit) {
    boolean inOrder = false;
    // by its handle: the process' own method would close its output, and its last words were lost
    process.toHandle().destroy();
    try {
      inOrder = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
      if (!inOrder) {
        kill9();
      }
    } catch (InterruptedException e) {
      kill9();
      Thread.currentThread().interrupt();
    }
    awaitOutput();
    return inOrder;
  }

  /** {@link #stop} with {@link #GRACE}. */
  @Override
  public void close() {
    stop(GRACE);
  }

  private void awaitOutput() {
    try {
      pump.join(Duration.ofSeconds(2));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
