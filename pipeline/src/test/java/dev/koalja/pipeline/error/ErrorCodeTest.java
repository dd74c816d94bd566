package dev.koalja.pipeline.error;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ErrorCodeTest {
  @Test
  void shouldNeverUseANumberTwice() {
    assertThat(Arrays.stream(ErrorCode.values()).map(ErrorCode::number)).doesNotHaveDuplicates();
  }

  @Test
  void shouldSayThatWhatTheProtocolRetriesMaySucceedLater() {
    assertThat(ErrorCode.UNKNOWN_FUNCTION.retryable()).isTrue();
    assertThat(ErrorCode.FUNCTION_CRASHED.retryable()).isTrue();
    assertThat(ErrorCode.FUNCTION_TIMEOUT.retryable()).isTrue();
    assertThat(ErrorCode.BAD_REPLY.retryable()).isFalse();
  }
}
