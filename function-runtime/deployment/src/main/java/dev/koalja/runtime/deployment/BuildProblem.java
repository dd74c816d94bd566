package dev.koalja.runtime.deployment;

/**
 * One thing wrong in the code of an app.
 *
 * @param where the method, or both methods where two do not fit
 * @param reason what is wrong
 * @param mend what to write instead
 */
record BuildProblem(String where, String reason, String mend) {
  @Override
  public String toString() {
    return where + ": " + reason + ". " + mend + ".";
  }
}
