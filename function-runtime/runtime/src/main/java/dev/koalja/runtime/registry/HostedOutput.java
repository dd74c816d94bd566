package dev.koalja.runtime.registry;

import java.net.URI;
import java.util.Optional;

/**
 * An output that can be written.
 *
 * @param descriptor what it is
 * @param dataSchema what its events say of their data when that is JSON; the same for every event
 */
public record HostedOutput(OutputDescriptor descriptor, Optional<URI> dataSchema) {
  static HostedOutput of(OutputDescriptor descriptor) {
    return new HostedOutput(
        descriptor,
        Optional.of(descriptor.dataSchema()).filter(uri -> !uri.isEmpty()).map(URI::create));
  }
}
