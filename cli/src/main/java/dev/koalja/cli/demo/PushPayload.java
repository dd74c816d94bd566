package dev.koalja.cli.demo;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.koalja.pipeline.Json;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/** The payload of a push: every field GitHub sends, with the commits of a history. */
final class PushPayload {
  private static final String OWNER = "you";
  private static final String HOME = "https://github.com/";
  private static final String API = "https://api.github.com/";

  /** What GitHub appends to the address of a repository; the first word is the field's. */
  private static final List<String> REPOSITORY_URLS =
      List.of(
          "forks /forks",
          "keys /keys{/key_id}",
          "collaborators /collaborators{/collaborator}",
          "teams /teams",
          "hooks /hooks",
          "issue_events /issues/events{/number}",
          "events /events",
          "assignees /assignees{/user}",
          "branches /branches{/branch}",
          "tags /tags",
          "blobs /git/blobs{/sha}",
          "git_tags /git/tags{/sha}",
          "git_refs /git/refs{/sha}",
          "trees /git/trees{/sha}",
          "statuses /statuses/{sha}",
          "languages /languages",
          "stargazers /stargazers",
          "contributors /contributors",
          "subscribers /subscribers",
          "subscription /subscription",
          "commits /commits{/sha}",
          "git_commits /git/commits{/sha}",
          "comments /comments{/number}",
          "issue_comment /issues/comments{/number}",
          "contents /contents/{+path}",
          "compare /compare/{base}...{head}",
          "merges /merges",
          "archive /{archive_format}{/ref}",
          "downloads /downloads",
          "issues /issues{/number}",
          "pulls /pulls{/number}",
          "milestones /milestones{/number}",
          "notifications /notifications{?since,all,participating}",
          "labels /labels{/name}",
          "releases /releases{/id}",
          "deployments /deployments");

  /** The same for the address of a user. */
  private static final List<String> USER_URLS =
      List.of(
          "followers /followers",
          "following /following{/other_user}",
          "gists /gists{/gist_id}",
          "starred /starred{/owner}{/repo}",
          "subscriptions /subscriptions",
          "organizations /orgs",
          "repos /repos",
          "events /events{/privacy}",
          "received_events /received_events");

  private PushPayload() {}

  /** The payload of a push of {@code history} at {@code now}. */
  static ObjectNode of(GitHistory history, Instant now) {
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
    node.put("url", API + "users/" + login);
    node.put("html_url", HOME + login);
    urls(node, API + "users/" + login, USER_URLS);
    node.put("type", "User");
    node.put("site_admin", false);
    return node;
  }

  private static void urls(ObjectNode node, String base, List<String> urls) {
    for (String url : urls) {
      int space = url.indexOf(' ');
      node.put(url.substring(0, space) + "_url", base + url.substring(space + 1));
    }
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
    node.put("url", HOME + name);
    urls(node, API + "repos/" + name, REPOSITORY_URLS);
    node.put("created_at", now.getEpochSecond());
    node.put("updated_at", now.truncatedTo(ChronoUnit.SECONDS).toString());
    node.put("pushed_at", now.getEpochSecond());
    node.put("git_url", "git://github.com/" + name + ".git");
    node.put("ssh_url", "git@github.com:" + name + ".git");
    node.put("clone_url", HOME + name + ".git");
    node.put("svn_url", HOME + name);
    node.putNull("homepage");
    node.putNull("mirror_url");
    node.putNull("language");
    node.putNull("license");
    for (String feature : List.of("issues", "projects", "downloads", "wiki", "pages")) {
      node.put("has_" + feature, true);
    }
    for (String count :
        List.of(
            "size",
            "stargazers_count",
            "watchers_count",
            "forks_count",
            "open_issues_count",
            "forks",
            "open_issues",
            "watchers",
            "stargazers")) {
      node.put(count, 0);
    }
    node.put("archived", false);
    node.put("disabled", false);
    node.put("visibility", "private");
    node.put("default_branch", history.branch());
    node.put("master_branch", history.branch());
    return node;
  }
}
