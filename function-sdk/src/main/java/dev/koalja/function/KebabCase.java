package dev.koalja.function;

/** How Java names become names of the circuit: {@code orderPlaced} is {@code order-placed}. */
public final class KebabCase {
  private KebabCase() {}

  /** The kebab-case form of a Java identifier; whether it is a name is for others to check. */
  public static String of(String identifier) {
    StringBuilder kebab = new StringBuilder(identifier.length() + 4);
    for (int i = 0; i < identifier.length(); i++) {
      char c = identifier.charAt(i);
      if (c == '_') {
        kebab.append('-');
        continue;
      }
      if (Character.isUpperCase(c) && i > 0 && identifier.charAt(i - 1) != '_') {
        boolean afterLower = !Character.isUpperCase(identifier.charAt(i - 1));
        boolean beforeLower =
            i + 1 < identifier.length() && Character.isLowerCase(identifier.charAt(i + 1));
        if (afterLower || beforeLower) {
          kebab.append('-');
        }
      }
      kebab.append(Character.toLowerCase(c));
    }
    return kebab.toString();
  }
}
