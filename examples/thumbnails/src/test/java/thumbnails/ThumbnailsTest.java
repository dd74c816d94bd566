package thumbnails;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.koalja.function.ObjectStore;
import dev.koalja.function.TerminalException;
import dev.koalja.test.FunctionTester;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ThumbnailsTest {
  @TempDir Path folder;
  private ObjectStore objects;
  private FunctionTester thumbnails;

  @BeforeEach
  void objects() {
    objects = ObjectStore.at("file:" + folder);
    thumbnails = FunctionTester.of(new Thumbnails()).with(objects);
  }

  @Test
  void scalesAnImageAndWritesItBack() throws Exception {
    objects.write("photos", "uploads/my cat.png", image(640, 320));

    Thumbnail thumbnail =
        thumbnails.call("scale", created("uploads/my cat.png")).only().as(Thumbnail.class);

    byte[] written = objects.read("photos", "thumbnails/my cat.png.png");
    assertThat(thumbnail)
        .isEqualTo(
            new Thumbnail(
                "uploads/my cat.png",
                "photos",
                "thumbnails/my cat.png.png",
                160,
                80,
                written.length));
    assertThat(ImageIO.read(new ByteArrayInputStream(written)).getWidth()).isEqualTo(160);
  }

  @Test
  void doesNotEnlargeASmallImage() throws Exception {
    objects.write("photos", "uploads/dot.png", image(3, 5));

    Thumbnail thumbnail =
        thumbnails.call("scale", created("uploads/dot.png")).only().as(Thumbnail.class);

    assertThat(thumbnail.width()).isEqualTo(3);
    assertThat(thumbnail.height()).isEqualTo(5);
  }

  @Test
  void refusesWhatIsNoImage() throws Exception {
    objects.write("photos", "uploads/letter.txt", "Dear".getBytes(StandardCharsets.UTF_8));

    assertThatThrownBy(() -> thumbnails.call("scale", created("uploads/letter.txt")))
        .isInstanceOf(TerminalException.class)
        .hasMessage("uploads/letter.txt is no image");
  }

  /** What decoding takes is far more than what the file takes. */
  @Test
  void refusesAnImageTooLargeToDecode() throws Exception {
    objects.write("photos", "uploads/bomb.png", emptyPng(100_000, 100_000));

    assertThatThrownBy(() -> thumbnails.call("scale", created("uploads/bomb.png")))
        .isInstanceOf(TerminalException.class)
        .hasMessage("uploads/bomb.png is too large: 100000 × 100000 pixels, 50000000 at most");
  }

  @Test
  void refusesABrokenImage() throws Exception {
    objects.write("photos", "uploads/torn.png", emptyPng(10, 10));

    assertThatThrownBy(() -> thumbnails.call("scale", created("uploads/torn.png")))
        .isInstanceOf(TerminalException.class)
        .hasMessageStartingWith("uploads/torn.png is a broken image");
  }

  @Test
  void passesOverWhatIsGoneAgain() throws Exception {
    assertThat(thumbnails.call("scale", created("uploads/gone.png")).isEmpty()).isTrue();
  }

  /** As the bucket trigger makes it: the record as it was sent, the decoded key as subject. */
  private static CloudEvent created(String key) {
    String record =
        """
        {"eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": "eu-central-1",
         "eventTime": "2026-11-20T10:00:00.000Z", "eventName": "ObjectCreated:Put",
         "s3": {"s3SchemaVersion": "1.0", "bucket": {"name": "photos"},
                "object": {"key": "%s", "size": "1024", "sequencer": "0055AED6DCD90281E5"}}}"""
            .formatted(key.replace(' ', '+'));
    return CloudEventBuilder.v1()
        .withId("1")
        .withSource(URI.create("aws:s3.eu-central-1.photos"))
        .withType("com.amazonaws.s3.ObjectCreated:Put")
        .withSubject(key)
        .withDataContentType("application/json")
        .withData(record.getBytes(StandardCharsets.UTF_8))
        .build();
  }

  /** A PNG that says how large it is, and then has no pixels. */
  private static byte[] emptyPng(int width, int height) {
    byte[] head =
        ByteBuffer.allocate(17)
            .put("IHDR".getBytes(StandardCharsets.US_ASCII))
            .putInt(width)
            .putInt(height)
            .put(new byte[] {8, 2, 0, 0, 0}) // 8 bits each of red, green and blue
            .array();
    CRC32 sum = new CRC32();
    sum.update(head);
    return ByteBuffer.allocate(33)
        .put(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'})
        .putInt(13)
        .put(head)
        .putInt((int) sum.getValue())
        .array();
  }

  private static byte[] image(int width, int height) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB), "png", bytes);
    return bytes.toByteArray();
  }
}
