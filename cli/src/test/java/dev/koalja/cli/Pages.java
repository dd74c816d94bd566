package dev.koalja.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.koalja.launch.KoaljaHome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/**
 * The pages that show code, and their one rule: each block is run, or stands in a file that the
 * build compiles, or is marked with a reason why it is neither.
 */
final class Pages {
  static final Path ROOT = KoaljaHome.find().root();
  static final Path GUIDE = ROOT.resolve("docs/guide.md");

  private static final String COMPILED =
      "function-runtime/deployment/src/test/java/dev/koalja/runtime/deployment/";

  /** Pages besides the guide, each with the file that has its Java where a block does not say. */
  static final Map<Path, String> OTHERS =
      Map.of(
          ROOT.resolve("README.md"),
          "",
          ROOT.resolve("docs/testing.md"),
          "",
          ROOT.resolve("docs/functions.md"),
          COMPILED + "Documented.java",
          ROOT.resolve("docs/coming-from.md"),
          COMPILED + "Moved.java");

  /** The mark of what {@link GuideIT} runs when it has followed the guide. */
  static final String IN_THE_SHOP = "in the shop of the guide";

  /** Why a block may be left out: what runs it instead, or why nothing can. */
  private static final Set<String> REASONS =
      Set.of(
          "a picture",
          "the build itself",
          "another framework",
          "DemoIT runs it",
          "ImageIT and UpgradeIT do",
          "QuarkusDevIT runs it",
          "RunIT turns the switch");

  private Pages() {}

  /**
   * Fails at the first block of a page that breaks the rule.
   *
   * @param java the file with the Java of blocks that name none; empty: there is none
   */
  static void check(Path page, String java) throws IOException {
    for (CodeBlock block : CodeBlock.of(page)) {
      String where = block.marked("also in");
      String files =
          where.isEmpty() && block.language().equals("java") && block.mark().isEmpty()
              ? java
              : where;
      if (!files.isEmpty()) {
        checkThatItIsIn(block, files);
      } else if (!block.mark().equals(IN_THE_SHOP)) {
        checkThatItMayBeLeftOut(block);
      }
    }
  }

  static void checkThatItMayBeLeftOut(CodeBlock block) {
    assertThat(REASONS)
        .as("%s is neither run nor compiled; see Pages for the marks a block may have", block)
        .contains(block.marked("not run"));
  }

  /** Each part of the block is in one of the files, whatever the white space. */
  private static void checkThatItIsIn(CodeBlock block, String files) throws IOException {
    StringBuilder sources = new StringBuilder();
    for (String file : files.split(", ")) {
      sources.append(Files.readString(ROOT.resolve(file)).replaceAll("(?m)^\\+", "")).append('\0');
    }
    String all = withoutSpace(sources.toString());
    for (String part : block.text().split("\n\n|…")) {
      String code = withoutSpace(part.replaceAll(" // .*", ""));
      if (!code.matches("}*")) {
        assertThat(all).as("%s: %s", block, part).contains(code);
      }
    }
  }

  private static String withoutSpace(String text) {
    return text.replaceAll("\\s", "");
  }
}
