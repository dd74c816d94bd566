package dev.koalja.cli.project;

import dev.koalja.cli.CliException;
import java.io.IOException;
import java.nio.file.Path;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.SAXException;

/** The version of a Maven project, read from its POM without starting Maven. */
final class PomVersion {
  private PomVersion() {}

  /**
   * The project's own version, else its parent's.
   *
   * @throws CliException when the POM says neither
   */
  static String of(Path pom) {
    try {
      DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
      factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
      factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
      Element project = factory.newDocumentBuilder().parse(pom.toFile()).getDocumentElement();
      String own = child(project, "version");
      String version = !own.isEmpty() ? own : parentVersion(project);
      if (version.isEmpty() || version.contains("${")) {
        throw CliException.usage(pom + " does not say its version: give one with --version");
      }
      return version;
    } catch (ParserConfigurationException | SAXException | IOException e) {
      throw CliException.usage(pom + " cannot be read: " + e.getMessage());
    }
  }

  private static String parentVersion(Element project) {
    for (Node node = project.getFirstChild(); node != null; node = node.getNextSibling()) {
      if (node instanceof Element element && element.getTagName().equals("parent")) {
        return child(element, "version");
      }
    }
    return "";
  }

  private static String child(Element parent, String name) {
    for (Node node = parent.getFirstChild(); node != null; node = node.getNextSibling()) {
      if (node instanceof Element element && element.getTagName().equals(name)) {
        return element.getTextContent().strip();
      }
    }
    return "";
  }
}
