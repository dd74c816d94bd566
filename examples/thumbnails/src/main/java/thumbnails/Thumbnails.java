package thumbnails;

import dev.koalja.function.Bucket;
import dev.koalja.function.Function;
import dev.koalja.function.FunctionContext;
import dev.koalja.function.Input;
import dev.koalja.function.Output;
import dev.koalja.function.TerminalException;
import dev.koalja.pipeline.TriggerKind.Change;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.Iterator;
import java.util.Optional;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/** Makes thumbnails of what is put into the bucket {@code photos} under {@code uploads/}. */
class Thumbnails {
  private static final int LONGEST_SIDE = 160;

  /**
   * A file of some kilobytes can hold an image of gigabytes, so its size is asked before it is
   * decoded. In memory a pixel takes four bytes.
   */
  private static final long MOST_PIXELS = 50_000_000;

  private static final String UPLOADS = "uploads/";
  private static final String THUMBNAILS = "thumbnails/";

  static {
    // nobody is there to look at a window
    System.setProperty("java.awt.headless", "true");
    ImageIO.setUseCache(false);
  }

  /** One thumbnail per image; an object that is gone again needs none. */
  @Bucket(link = "uploaded", url = "s3://photos/uploads/", events = Change.CREATED)
  @Function
  @Output("thumbnail")
  Optional<Thumbnail> scale(@Input("uploaded") BucketRecord uploaded, FunctionContext context)
      throws IOException {
    String bucket = uploaded.s3().bucket().name();
    String original = context.event().getSubject();
    if (original == null) {
      throw new TerminalException("the event has no subject, so no object is named");
    }
    byte[] bytes;
    try {
      bytes = context.objects().read(bucket, original);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    BufferedImage image = read(bytes, original);
    BufferedImage small = scaled(image);
    byte[] png = png(small);
    String key = THUMBNAILS + withoutPrefix(original) + ".png";
    context.objects().write(bucket, key, png);
    return Optional.of(
        new Thumbnail(original, bucket, key, small.getWidth(), small.getHeight(), png.length));
  }

  /** Trying again would not make an image of it. */
  private static BufferedImage read(byte[] bytes, String key) {
    try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
      if (!readers.hasNext()) {
        throw new TerminalException(key + " is no image");
      }
      ImageReader reader = readers.next();
      try {
        reader.setInput(in, true, true);
        long width = reader.getWidth(0);
        long height = reader.getHeight(0);
        if (width * height > MOST_PIXELS) {
          throw new TerminalException(
              "%s is too large: %d × %d pixels, %d at most"
                  .formatted(key, width, height, MOST_PIXELS));
        }
        return reader.read(0);
      } finally {
        reader.dispose();
      }
    } catch (IOException | RuntimeException e) {
      if (e instanceof TerminalException terminal) {
        throw terminal;
      }
      throw new TerminalException(key + " is a broken image: " + e.getMessage(), e);
    }
  }

  private static BufferedImage scaled(BufferedImage image) {
    double factor =
        Math.min(1.0, (double) LONGEST_SIDE / Math.max(image.getWidth(), image.getHeight()));
    int width = Math.max(1, (int) Math.round(image.getWidth() * factor));
    int height = Math.max(1, (int) Math.round(image.getHeight() * factor));
    BufferedImage small = new BufferedImage(width, height, BufferedImage.TYPE_INT_ARGB);
    Graphics2D graphics = small.createGraphics();
    graphics.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
    graphics.drawImage(image, 0, 0, width, height, null);
    graphics.dispose();
    return small;
  }

  private static byte[] png(BufferedImage image) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(image, "png", bytes);
    return bytes.toByteArray();
  }

  private static String withoutPrefix(String key) {
    return key.startsWith(UPLOADS) ? key.substring(UPLOADS.length()) : key;
  }
}
