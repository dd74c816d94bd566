package dev.koalja.test;

import dev.koalja.pipeline.event.KoaljaExtensions;
import io.cloudevents.CloudEvent;
import io.cloudevents.kafka.KafkaMessageFactory;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** What tests see of records. */
final class Records {
  private Records() {}

  static CloudEvent event(ConsumerRecord<byte[], byte[]> record) {
    return KafkaMessageFactory.createReader(record).toEvent();
  }

  static DeadLetter letter(String input, CloudEvent event) {
    return new DeadLetter(input, String.valueOf(event.getExtension(KoaljaExtensions.CAUSE)), event);
  }
}
