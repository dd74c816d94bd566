package dev.koalja.knative.image;

import com.google.cloud.tools.jib.api.Credential;
import com.google.cloud.tools.jib.api.CredentialRetriever;
import com.google.cloud.tools.jib.api.DescriptorDigest;
import com.google.cloud.tools.jib.api.ImageReference;
import com.google.cloud.tools.jib.api.RegistryException;
import com.google.cloud.tools.jib.api.RegistryImage;
import com.google.cloud.tools.jib.api.RegistryUnauthorizedException;
import com.google.cloud.tools.jib.blob.Blobs;
import com.google.cloud.tools.jib.event.EventHandlers;
import com.google.cloud.tools.jib.frontend.CredentialRetrieverFactory;
import com.google.cloud.tools.jib.http.FailoverHttpClient;
import com.google.cloud.tools.jib.image.json.BuildableManifestTemplate;
import com.google.cloud.tools.jib.image.json.ManifestTemplate;
import com.google.cloud.tools.jib.image.json.OciManifestTemplate;
import com.google.cloud.tools.jib.json.JsonTemplateMapper;
import com.google.cloud.tools.jib.registry.ManifestAndDigest;
import com.google.cloud.tools.jib.registry.RegistryClient;
import com.google.cloud.tools.jib.registry.credentials.CredentialRetrievalException;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Images in registries, by the distribution API. Who one is comes from where Docker has it: its
 * configuration and its helpers; or from a user name and the environment variable {@code
 * KOALJA_REGISTRY_PASSWORD}. Plain HTTP is spoken with registries of this machine only, unless it
 * is allowed.
 */
public final class Registries {
  /** Where a password is taken from; never from a command line, which others can read. */
  public static final String PASSWORD = "KOALJA_REGISTRY_PASSWORD";

  private static final long LARGEST_MANIFEST = 4 << 20;

  private Registries() {}

  /**
   * How to speak with a registry.
   *
   * @param user a user name; empty: what Docker knows, or nobody
   * @param insecure whether plain HTTP, or a certificate that nobody vouches for, will do
   */
  public record Access(Optional<String> user, boolean insecure) {
    /** What Docker knows, securely. */
    public static final Access USUAL = new Access(Optional.empty(), false);
  }

  /**
   * Whether an image could be pushed, as far as that can be told before there is one.
   *
   * @throws IllegalArgumentException when the name has no tag, or a user no password
   */
  public static void requirePushable(String target, Access access) {
    tag(ImageSource.reference(target));
    access.user().ifPresent(user -> password());
  }

  /**
   * Puts a built image into a registry.
   *
   * @param target name and tag there, such as {@code registry.example/shop:1.3.0}
   * @return the digest it has there, the same as here
   * @throws IOException when the registry does not take it; the message has no secret
   */
  public static String push(BuiltImage image, String target, Access access) throws IOException {
    ImageReference reference = ImageSource.reference(target);
    Path layout = image.layout();
    try (Connection registry = connect(reference, access, true)) {
      OciManifestTemplate manifest =
          JsonTemplateMapper.readJsonFromFile(
              OciLayout.blob(layout, image.digest()), OciManifestTemplate.class);
      for (DescriptorDigest blob : blobs(manifest, target).keySet()) {
        if (registry.client().checkBlob(blob).isEmpty()) {
          registry
              .client()
              .pushBlob(blob, Blobs.from(OciLayout.blob(layout, blob.toString())), null, _ -> {});
        }
      }
      DescriptorDigest there = registry.client().pushManifest(manifest, tag(reference));
      if (!there.toString().equals(image.digest())) {
        throw new IOException(
            "%s took %s as %s".formatted(target, image.digest(), there.toString()));
      }
      return there.toString();
    } catch (RegistryException e) {
      throw refused(reference, e);
    }
  }

  /**
   * Brings an image out of a registry into a layout.
   *
   * @param folder which does not exist yet
   * @throws InvalidImageException when it is not the kind of image that an app has
   * @throws IOException when the registry does not give it
   */
  static void pull(String source, Path folder, Access access) throws IOException {
    ImageReference reference = ImageSource.reference(source);
    try (Connection registry = connect(reference, access, false)) {
      ManifestAndDigest<ManifestTemplate> found =
          registry.client().pullManifest(reference.getQualifier());
      if (reference.getDigest().isPresent()
          && !reference.getDigest().get().equals(found.getDigest().toString())) {
        throw new InvalidImageException(
            "%s came as %s: the registry gives another image".formatted(source, found.getDigest()));
      }
      if (!(found.getManifest() instanceof BuildableManifestTemplate manifest)) {
        throw new InvalidImageException(
            source + " is a list of images; name the one for this kind of machine by its digest");
      }
      byte[] bytes = JsonTemplateMapper.toByteArray(found.getManifest());
      Path blobs = Files.createDirectories(folder.resolve("blobs/sha256"));
      Path file = blobs.resolve(found.getDigest().getHash());
      Files.write(file, bytes);
      if (bytes.length > LARGEST_MANIFEST
          || !FileTree.digest(file).equals(found.getDigest().getHash())) {
        throw new InvalidImageException(
            source + " was not made by koalja image: its manifest says more than ours");
      }
      Map<DescriptorDigest, Long> parts = blobs(manifest, source);
      ImageReader.requireSizes(source, parts.values());
      for (Map.Entry<DescriptorDigest, Long> part : parts.entrySet()) {
        try (OutputStream out =
            new Announced(
                Files.newOutputStream(blobs.resolve(part.getKey().getHash())),
                part.getValue(),
                source)) {
          registry.client().pullBlob(part.getKey(), _ -> {}, _ -> {}).writeTo(out);
        }
      }
      OciLayout.writeIndex(
          folder,
          found.getDigest().toString(),
          bytes.length,
          source,
          Machine.here().architecture());
    } catch (RegistryException e) {
      throw refused(reference, e);
    }
  }

  /** Takes as many bytes as were announced: what sends more would fill the disk. */
  private static final class Announced extends FilterOutputStream {
    private final String source;
    private long left;

    Announced(OutputStream out, long size, String source) {
      super(out);
      this.left = size;
      this.source = source;
    }

    @Override
    public void write(int each) throws IOException {
      write(new byte[] {(byte) each}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      left -= length;
      if (left < 0) {
        throw new InvalidImageException(
            source + " has a part of which the registry sends more than its manifest says");
      }
      out.write(bytes, offset, length);
    }
  }

  /** Layers and configuration of an image with their sizes, each once. */
  private static Map<DescriptorDigest, Long> blobs(BuildableManifestTemplate manifest, String name)
      throws InvalidImageException {
    Map<DescriptorDigest, Long> blobs = new LinkedHashMap<>();
    List<BuildableManifestTemplate.@Nullable ContentDescriptorTemplate> parts =
        new ArrayList<>(manifest.getLayers());
    parts.add(manifest.getContainerConfiguration());
    for (BuildableManifestTemplate.@Nullable ContentDescriptorTemplate part : parts) {
      DescriptorDigest digest = part == null ? null : part.getDigest();
      if (part == null || digest == null) {
        throw new InvalidImageException(name + " has a manifest that does not name its parts");
      }
      blobs.put(digest, part.getSize());
    }
    return blobs;
  }

  /** For Jib, as a base: the password for the registry that is pushed to is not for this one. */
  static RegistryImage image(ImageReference reference) {
    RegistryImage image = RegistryImage.named(reference);
    retrievers(reference).forEach(image::addCredentialRetriever);
    return image;
  }

  private static String tag(ImageReference reference) {
    return reference
        .getTag()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    reference
                        + " has a digest where a tag should be: registry.example/shop:1.3.0"));
  }

  private static IOException refused(ImageReference reference, RegistryException e) {
    String host = reference.getRegistry();
    return e.getCause() instanceof RegistryUnauthorizedException
            || e instanceof RegistryUnauthorizedException
        ? new IOException(
            "%s does not let you: log in with docker login %s, or give --username and %s"
                .formatted(host, host, PASSWORD),
            e)
        : new IOException("%s: %s".formatted(host, e.getMessage()), e);
  }

  /** A client and the connections it has open. */
  private record Connection(RegistryClient client, FailoverHttpClient http)
      implements AutoCloseable {
    @Override
    public void close() throws IOException {
      http.shutDown();
    }
  }

  private static Connection connect(ImageReference reference, Access access, boolean push)
      throws IOException, RegistryException {
    boolean plain = access.insecure() || isHere(reference.getRegistry());
    // credentials never go over plain HTTP, unless that is allowed or stays on this machine
    FailoverHttpClient http = new FailoverHttpClient(plain, plain, _ -> {});
    RegistryClient.Factory factory =
        RegistryClient.factory(
            EventHandlers.NONE, reference.getRegistry(), reference.getRepository(), http);
    Optional<Credential> credential = credential(reference, access);
    credential.ifPresent(factory::setCredential);
    RegistryClient client = factory.setUserAgent("koalja").newRegistryClient();
    if (!(push ? client.doPushBearerAuth() : client.doPullBearerAuth()) && credential.isPresent()) {
      client.configureBasicAuth();
    }
    return new Connection(client, http);
  }

  /** Whether a registry may be spoken with in plain HTTP: it is one of this machine. */
  static boolean isHere(String registry) throws IOException {
    int colon = registry.lastIndexOf(':');
    String host = colon < 0 ? registry : registry.substring(0, colon);
    if (!host.equals("localhost") && !host.matches("127\\.\\d+\\.\\d+\\.\\d+|\\[::1]")) {
      return false;
    }
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }

  private static Optional<Credential> credential(ImageReference reference, Access access)
      throws IOException {
    if (access.user().isPresent()) {
      return Optional.of(Credential.from(access.user().get(), password()));
    }
    for (CredentialRetriever each : retrievers(reference)) {
      try {
        Optional<Credential> found = each.retrieve();
        if (found.isPresent()) {
          return found;
        }
      } catch (CredentialRetrievalException e) {
        throw new IOException(
            "what Docker knows of %s cannot be read: %s"
                .formatted(reference.getRegistry(), e.getMessage()),
            e);
      }
    }
    return Optional.empty();
  }

  private static String password() {
    String password = System.getenv(PASSWORD);
    if (password == null || password.isEmpty()) {
      throw new IllegalArgumentException(
          "--username needs its password in the environment variable " + PASSWORD);
    }
    return password;
  }

  private static List<CredentialRetriever> retrievers(ImageReference reference) {
    CredentialRetrieverFactory factory = CredentialRetrieverFactory.forImage(reference, quiet());
    return List.of(factory.dockerConfig(), factory.wellKnownCredentialHelpers());
  }

  private static Consumer<com.google.cloud.tools.jib.api.LogEvent> quiet() {
    return _ -> {};
  }
}
