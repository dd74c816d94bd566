package dev.koalja.cli.demo;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.koalja.pipeline.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A push as GitHub's webhooks send it.
 *
 * @param headers those that GitHub sends, the signature included
 * @param body the payload, the bytes that are signed
 */
public record PushWebhook(Map<String, String> headers, byte[] body) {
  private static final String OWNER = "you";
  private static final String HOME = "https://github.com/";
  private static final String API = "https://api.github.com/repos/";

  public PushWebhook {
    headers = Map.copyOf(headers);
  }

  /** A push of {@code history}, signed with {@code secret}. */
  public static PushWebhook of(GitHistory history, String secret, Instant now) {
    try {
      byte[] body = Json.MAPPER.writeValueAsBytes(payload(history, now));
      Map<String, String> headers = new LinkedHashMap<>();
      headers.put("Content-Type", "application/json");
      headers.put("User-Agent", "GitHub-Hookshot/demo");
      headers.put("X-GitHub-Event", "push");
      headers.put("X-GitHub-Delivery", UUID.randomUUID().toString());
      headers.put("X-GitHub-Hook-ID", "1");
      headers.put("X-GitHub-Hook-Installation-Target-ID", "1");
      headers.put("X-GitHub-Hook-Installation-Target-Type", "repository");
      headers.put("X-Hub-Signature-256", "sha256=" + hmac(secret, body));
      return new PushWebhook(headers, body);
    } catch (IOException e) {
      throw new IllegalStateException("a tree is always JSON", e);
    }
  }

  private static String hmac(String secret, byte[] body) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      return HexFormat.of().formatHex(mac.doFinal(body));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has HmacSHA256", e);
    }
  }

  static ObjectNode payload(GitHistory history, Instant now) {
    String name = OWNER + "/" + history.repository();
    String after = history.commits().getLast().id();
    ObjectNode push = Json.MAPPER.createObjectNode();
    push.put("ref", "refs/heads/" + history.branch());
    push.put("before", history.before());
    push.put("after", after);
    push.set("repository", repository(history, now));
    ObjectNode pusher = push.putObject("pusher");
    pusher.put("name", OWNER);
    pusher.put("email", OWNER + "@users.noreply.github.com");
    push.set("sender", user(OWNER));
    push.put("created", history.before().equals(GitHistory.NOTHING));
    push.put("deleted", false);
    push.put("forced", false);
    push.putNull("base_ref");
    push.put(
        "compare",
        HOME
            + name
            + "/compare/"
            + history.before().substring(0, 12)
            + "..."
            + after.substring(0, 12));
    ArrayNode commits = push.putArray("commits");
    history.commits().forEach(commit -> commits.add(commit(commit, name)));
    push.set("head_commit", commit(history.commits().getLast(), name));
    return push;
  }

  private static ObjectNode commit(GitCommit commit, String repository) {
    ObjectNode node = Json.MAPPER.createObjectNode();
    node.put("id", commit.id());
    node.put("tree_id", commit.tree());
    node.put("distinct", true);
    node.put("message", commit.message());
    node.put("timestamp", commit.time());
    node.put("url", HOME + repository + "/commit/" + commit.id());
    person(node.putObject("author"), commit.author());
    person(node.putObject("committer"), commit.committer());
    list(node.putArray("added"), commit.added());
    list(node.putArray("removed"), commit.removed());
    list(node.putArray("modified"), commit.modified());
    return node;
  }

  private static void person(ObjectNode node, GitCommit.Person person) {
    node.put("name", person.name());
    node.put("email", person.email());
  }

  private static void list(ArrayNode node, List<String> values) {
    values.forEach(node::add);
  }

  private static ObjectNode user(String login) {
    ObjectNode node = Json.MAPPER.createObjectNode();
    node.put("login", login);
    node.put("id", 1);
    node.put("node_id", "U_demo");
    node.put("avatar_url", "https://avatars.githubusercontent.com/u/1?v=4");
    node.put("gravatar_id", "");
    node.put("url", "https://api.github.com/users/" + login);
    node.put("html_url", HOME + login);
    node.put("type", "User");
    node.put("site_admin", false);
    return node;
  }

  private static ObjectNode repository(GitHistory history, Instant now) {
    String name = OWNER + "/" + history.repository();
    ObjectNode node = Json.MAPPER.createObjectNode();
    node.put("id", 1);
    node.put("node_id", "R_demo");
    node.put("name", history.repository());
    node.put("full_name", name);
    node.put("private", true);
    ObjectNode owner = user(OWNER);
    owner.put("name", OWNER);
    owner.put("email", OWNER + "@users.noreply.github.com");
    node.set("owner", owner);
    node.put("html_url", HOME + name);
    node.putNull("description");
    node.put("fork", false);
    node.put("url", API + name);
    node.put("commits_url", API + name + "/commits{/sha}");
    node.put("compare_url", API + name + "/compare/{base}...{head}");
    node.put("contents_url", API + name + "/contents/{+path}");
    node.put("created_at", now.getEpochSecond());
    node.put("updated_at", now.truncatedTo(java.time.temporal.ChronoUnit.SECONDS).toString());
    node.put("pushed_at", now.getEpochSecond());
    node.put("git_url", "git://github.com/" + name + ".git");
    node.put("ssh_url", "git@github.com:" + name + ".git");
    node.put("clone_url", HOME + name + ".git");
    node.put("size", 1);
    node.put("stargazers_count", 0);
    node.put("watchers_count", 0);
    node.putNull("language");
    node.put("has_issues", true);
    node.put("forks_count", 0);
    node.put("archived", false);
    node.put("disabled", false);
    node.put("open_issues_count", 0);
    node.putNull("license");
    node.put("visibility", "private");
    node.put("forks", 0);
    node.put("open_issues", 0);
    node.put("watchers", 0);
    node.put("default_branch", history.branch());
    node.put("stargazers", 0);
    node.put("master_branch", history.branch());
    return node;
  }
}
