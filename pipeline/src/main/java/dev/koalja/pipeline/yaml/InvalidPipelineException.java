package dev.koalja.pipeline.yaml;

import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.KoaljaException;
import java.util.List;
import java.util.stream.Collectors;

/** A pipeline file with at least one problem; all of them are in it. */
public final class InvalidPipelineException extends KoaljaException {
  private static final long serialVersionUID = 1L;
  private final transient List<Problem> problems;

  public InvalidPipelineException(List<Problem> problems) {
    super(
        ErrorCode.INVALID_PIPELINE,
        problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
    this.problems = List.copyOf(problems);
  }

  /** Every problem, in the order of the file. */
  public List<Problem> problems() {
    return problems;
  }
}
