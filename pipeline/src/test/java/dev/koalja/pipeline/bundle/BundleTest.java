package dev.koalja.pipeline.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class BundleTest {
  @Test
  void shouldReadBackWhatWasWrittenInPartsOfAnySize() {
    Random random = new Random(7);
    List<Message> messages = new ArrayList<>();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < 200; i++) {
      messages.add(message(i, random));
      bytes.writeBytes(messages.getLast().encode());
    }
    byte[] bundle = bytes.toByteArray();
    for (int part : new int[] {1, 2, 3, 7, 64, 1000, bundle.length}) {
      Collected collected = new Collected();
      BundleReader reader = new BundleReader(1 << 20, collected);
      for (int at = 0; at < bundle.length; at += part) {
        reader.read(bundle, at, Math.min(part, bundle.length - at));
      }
      assertThat(reader.atBoundary()).isTrue();
      assertThat(collected.seen).isEqualTo(messages.stream().map(BundleTest::text).toList());
    }
  }

  @Test
  void shouldStayReadableWhateverCharactersItHas() {
    Message odd = new Message(0, 0, Map.of("content-type", "x/\uD83D\uDE00é"), new byte[] {7, 8});
    byte[] bytes = odd.encode();
    Message.number(bytes, 41);
    Message read = Bundle.read(bytes).getFirst();
    assertThat(read.index()).isEqualTo(41);
    assertThat(read.headers()).containsEntry("content-type", "x/?é");
    assertThat(read.body()).containsExactly(7, 8);
  }

  @Test
  void shouldPassOverAMessageThatIsTooLargeAndGoOn() {
    Message small = new Message(0, 200, Map.of("a", "b"), new byte[10]);
    Message large = new Message(1, 200, Map.of(), new byte[1000]);
    Message last = new Message(2, 200, Map.of(), new byte[20]);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    List.of(small, large, last).forEach(each -> bytes.writeBytes(each.encode()));
    for (int part : new int[] {1, 11, 5000}) {
      Collected collected = new Collected();
      BundleReader reader = new BundleReader(500, collected);
      for (int at = 0; at < bytes.size(); at += part) {
        reader.read(bytes.toByteArray(), at, Math.min(part, bytes.size() - at));
      }
      assertThat(collected.seen).containsExactly(text(small), "1 too large", text(last));
      assertThat(reader.atBoundary()).isTrue();
    }
  }

  @Test
  void shouldNotTakeRandomBytesForABundle() {
    Random random = new Random(11);
    byte[] good = message(3, random).encode();
    for (int i = 0; i < 2000; i++) {
      byte[] bytes = good.clone();
      for (int change = 0; change <= random.nextInt(4); change++) {
        bytes[random.nextInt(Math.min(40, bytes.length))] = (byte) random.nextInt();
      }
      try {
        Bundle.read(bytes);
      } catch (MalformedBundleException e) {
        assertThat(e).hasMessageMatching("(?s).+");
      }
    }
  }

  @Test
  void shouldSayWhatIsWrong() {
    byte[] good = new Message(0, 0, Map.of("ce-id", "1"), new byte[3]).encode();
    assertThatThrownBy(() -> Bundle.read(Arrays.copyOf(good, good.length - 1)))
        .isInstanceOf(MalformedBundleException.class)
        .hasMessage("the bundle ends inside a message");
    assertThatThrownBy(() -> Bundle.read(new byte[] {0, 0, 0, 1, 0, 0, 0, 0}))
        .hasMessage("a message of 1 bytes with index 0");
    byte[] header = good.clone();
    header[Integer.BYTES + Bundle.FIXED] = (byte) 200;
    assertThatThrownBy(() -> Bundle.read(header)).hasMessage("message 0 ends inside header 0");
    byte[] huge = good.clone();
    huge[0] = 0x7f;
    assertThatThrownBy(() -> Bundle.read(huge))
        .hasMessage("message 0 has 2130706454 bytes, a bundle at most 4194304");
    ByteArrayOutputStream many = new ByteArrayOutputStream();
    for (int i = 0; i <= Bundle.MAX_MESSAGES; i++) {
      many.writeBytes(good);
    }
    assertThatThrownBy(() -> Bundle.read(many.toByteArray()))
        .hasMessage("a bundle holds at most 1000 messages");
    assertThatThrownBy(() -> new Message(0, 0, Map.of("", "x"), new byte[0]).encode())
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static Message message(int index, Random random) {
    Map<String, String> headers = new HashMap<>();
    for (int i = random.nextInt(20); i > 0; i--) {
      headers.put("ce-" + "x".repeat(random.nextInt(200)) + i, "é".repeat(random.nextInt(300)));
    }
    byte[] body = new byte[random.nextInt(4) == 0 ? 0 : random.nextInt(3000)];
    random.nextBytes(body);
    return new Message(index, random.nextInt(600), headers, body);
  }

  private static String text(Message message) {
    return message.index()
        + " "
        + message.status()
        + " "
        + new TreeMap<>(message.headers()).hashCode()
        + " "
        + Arrays.hashCode(message.body());
  }

  private static final class Collected implements BundleReader.Sink {
    private final List<String> seen = new ArrayList<>();

    @Override
    public void message(Message message) {
      seen.add(text(message));
    }

    @Override
    public void tooLarge(int index, long size) {
      seen.add(index + " too large");
    }
  }
}
