package dev.koalja.function.codec;

import com.fasterxml.jackson.databind.JavaType;

/**
 * Reads and writes data of content types that Koalja does not know by itself: write a class, say
 * which, and it is used wherever such data comes or is made.
 *
 * <pre>{@code
 * @ContentTypes("text/csv")
 * class Csv implements DataFormat {
 *   private final CsvMapper csv = new CsvMapper();
 *
 *   public Object read(Payload payload, JavaType type) throws IOException {
 *     return csv.readerFor(type).with(csv.schemaFor(type)).readValue(payload.data());
 *   }
 *
 *   public byte[] write(Object value, String contentType) throws IOException {
 *     return csv.writer(csv.schemaFor(value.getClass())).writeValueAsBytes(value);
 *   }
 * }
 * }</pre>
 *
 * <p>The build finds the class in the app and in every library with a Jandex index, and it becomes
 * a singleton bean, so it may have others injected. A process of functions that has none loads
 * none. Called by many threads. {@code String}, {@code byte[]}, {@code InputStream} and {@code
 * CloudEvent} are never asked of it: they are the data as it is.
 */
public interface DataFormat {
  /**
   * Makes a value of data.
   *
   * @param payload the data, which may be empty, and its content type with all parameters
   * @param type what the function reads; {@link JavaType#getRawClass()} is all most need
   * @return never null
   * @throws Exception when the data is not that: the event becomes a dead letter with the message
   */
  Object read(Payload payload, JavaType type) throws Exception;

  /**
   * Makes data of a value.
   *
   * @param contentType which is asked for, with all parameters
   * @throws Exception when the value cannot be written: trying again is useless
   */
  byte[] write(Object value, String contentType) throws Exception;
}
