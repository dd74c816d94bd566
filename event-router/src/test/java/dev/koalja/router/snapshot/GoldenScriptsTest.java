package dev.koalja.router.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * What each policy does, as tables: what happens, and what follows from it. A line that begins with
 * a policy says what the lines below are about; {@link Script} explains the notation.
 *
 * <p>Every script is run as it stands, and again with a restart after each of its steps.
 */
class GoldenScriptsTest {
  private static final int LEAST = 30;

  @TestFactory
  Stream<DynamicTest> allNew() {
    return tests(
        """
        AllNew A B
          =>
          A1 =>
          B1 =>
          A1 B1 => (A1,B1)
          B1 A1 => (A1,B1)
          A1 A2 B1 B2 => (A1,B1) (A2,B2)
          A1 B1 A2 B2 => (A1,B1) (A2,B2)
          B1 B2 B3 A1 => (A1,B1)
          B1 B2 B3 A1 A2 A3 A4 => (A1,B1) (A2,B2) (A3,B3)
          A1 A1 B1 B1 => (A1,B1) (A1,B1)
          A2 A1 B1 B2 => (A2,B1) (A1,B2)
          A1 | B1 => (A1,B1)
          A1 A2 | B1 | B2 => (A1,B1) (A2,B2)
          A1 B1 | A2 | | B2 => (A1,B1) (A2,B2)
          A1 @100d B1 => @ (A1,B1)
          A1 +5m B1~-9d => (A1,B1)
          A1 +-5m B1 => (A1,B1)
          k:A1 l:B1 =>
          k:A1 l:A2 l:B3 k:B4 => l:(A2,B3) k:(A1,B4)
          k:A1 A2 B1 k:B2 => (A2,B1) k:(A1,B2)
          k:A1 l:A1 k:A2 l:A2 k:B1 k:B2 l:B1 => k:(A1,B1) k:(A2,B2) l:(A1,B1)
          a:A1 b:A2 c:A3 | c:B1 b:B2 a:B3 => c:(A3,B1) b:(A2,B2) a:(A1,B3)
        AllNew A:2 B
          A1 B1 =>
          A1 B1 A2 => (A1..2,B1)
          A1 A2 A3 A4 B1 B2 => (A1..2,B1) (A3..4,B2)
          B1 B2 A1 A2 A3 A4 A5 => (A1..2,B1) (A3..4,B2)
          A1 A3 | A2 B1 => (A1,A3,B1)
        AllNew A:1..3 B
          A1 B1 => (A1,B1)
          A1 A2 B1 => (A1..2,B1)
          A1 A2 A3 A4 A5 B1 B2 B3 => (A1..3,B1) (A4..5,B2)
          A1 A2 A3 A4 A5 | B1 A6 A7 | B2 => (A1..3,B1) (A4..6,B2)
          B1 B2 A1 A2 => (A1,B1) (A2,B2)
        AllNew A:3
          A1 A2 =>
          A1 A2 A3 A4 A5 A6 A7 => (A1..3) (A4..6)
          A1 A2 | A3 => (A1..3)
          k:A1 l:A2 k:A3 l:A4 k:A5 => k:(A1,A3,A5)
        AllNew A:2..9
          A1 A2 A3 A4 => (A1..2) (A3..4)
        AllNew A
          A1 A2 A3 => (A1) (A2) (A3)
        AllNew A B C
          A1 B1 A2 B2 C1 C2 => (A1,B1,C1) (A2,B2,C2)
          C1 B1 A1 C2 A2 B2 => (A1,B1,C1) (A2,B2,C2)
          C1 C2 C3 B1 A1 | B2 A2 => (A1,B1,C1) (A2,B2,C2)
        AllNew A B maxWaiting=2
          A1 A2 A3 B1 B2 B3 => xA3:overflow (A1,B1) (A2,B2)
          A1 A2 A3 B1 A4 A5 => xA3:overflow (A1,B1) xA5:overflow
          k:A1 k:A2 l:A3 k:A4 B1 => xk:A4:overflow
          A1 A2 | A3 | B1 => xA3:overflow (A1,B1)
        """);
  }

  @TestFactory
  Stream<DynamicTest> swapNew4Old() {
    return tests(
        """
        SwapNew4Old A B
          =>
          A1 =>
          A1 A2 =>
          A1 B1 => (A1,B1)
          B1 A1 => (A1,B1)
          A1 B1 A2 B2 => (A1,B1) (A2,B1) (A2,B2)
          A1 A2 B1 => (A2,B1)
          A1 A2 A3 B1 B2 => (A3,B1) (A3,B2)
          B1 B2 A1 => (A1,B2)
          A1 B1 A2 A3 A4 => (A1,B1) (A2,B1) (A3,B1) (A4,B1)
          A1 B1 B2 B3 => (A1,B1) (A1,B2) (A1,B3)
          A1 B1 A1 A1 => (A1,B1) (A1,B1) (A1,B1)
          A2 B2 A1 B1 => (A2,B2) (A1,B2) (A1,B1)
          A1 | B1 => (A1,B1)
          A1 B1 | A2 | B2 => (A1,B1) (A2,B1) (A2,B2)
          A1 A2 | A3 B1 => (A3,B1)
          A1 B1 @100d A2 => (A1,B1) @ (A2,B1)
          A1 B1 @1ms @1ms => (A1,B1) @ @
          A1 +-1h B1 +-1h A2 => (A1,B1) (A2,B1)
          k:A1 l:B1 =>
          k:A1 l:B1 k:B2 l:A2 => k:(A1,B2) l:(A2,B1)
          k:A1 k:B1 l:A9 k:A2 l:B9 => k:(A1,B1) k:(A2,B1) l:(A9,B9)
          A1 k:A2 k:B2 B1 A3 k:B4 => k:(A2,B2) (A1,B1) (A3,B1) k:(A2,B4)
        SwapNew4Old A
          A1 A2 A3 => (A1) (A2) (A3)
          A1 | A1 | A1 => (A1) (A1) (A1)
        SwapNew4Old A B C
          A1 B1 A2 =>
          A1 B1 C1 A2 C2 => (A1,B1,C1) (A2,B1,C1) (A2,B1,C2)
          A1 A2 B1 B2 C1 C2 B3 => (A2,B2,C1) (A2,B2,C2) (A2,B3,C2)
          C1 | B1 | A1 | B2 => (A1,B1,C1) (A1,B2,C1)
        SwapNew4Old A B maxWaiting=1
          A1 A2 A3 B1 B2 => (A3,B1) (A3,B2)
        SwapNew4Old A B timeout=1h:DEADLETTER
          A1 B1 @2h A2 => (A1,B1) @ (A2,B1)
          A1 @1h B1 => @ xA1:dead
          A1 +30m A2 @30m @30m => @ @ xA2:dead
        SwapNew4Old A B timeout=1h:PARTIAL
          A1 @1h B1 => @ (A1)?
          A1 @1h B1 A2 => @ (A1)? (A2,B1)
        SwapNew4Old A B C>A
          A1 B1 C1 A2 => (A1,B1) (C1,B1) (A2,B1)
        """);
  }

  @TestFactory
  Stream<DynamicTest> slidingWindow() {
    return tests(
        """
        SlidingWindow A:4/2
          A1 A2 A3 =>
          A1 A2 A3 A4 => (A1..4)
          A1 A2 A3 A4 A5 => (A1..4)
          A1 A2 A3 A4 A5 A6 => (A1..4) (A3..6)
          A1 A2 A3 A4 A5 A6 A7 A8 => (A1..4) (A3..6) (A5..8)
          A1 A2 A3 A4 | A5 A6 => (A1..4) (A3..6)
          A1 A2 A3 | A4 A5 | A6 A7 | A8 => (A1..4) (A3..6) (A5..8)
          A4 A3 A2 A1 A6 A5 => (A4,A3,A2,A1) (A2,A1,A6,A5)
          A1 A1 A1 A1 A1 A1 => (A1,A1,A1,A1) (A1,A1,A1,A1)
          k:A1 l:A1 k:A2 k:A3 l:A2 k:A4 k:A5 k:A6 => k:(A1..4) k:(A3..6)
          A1 A2 @9d A3 A4 @9d A5 A6 => @ (A1..4) @ (A3..6)
        SlidingWindow A:1/1
          A1 A2 A3 => (A1) (A2) (A3)
        SlidingWindow A:2/1
          A1 A2 A3 A4 => (A1..2) (A2..3) (A3..4)
          A1 | A2 | A3 | A4 => (A1..2) (A2..3) (A3..4)
        SlidingWindow A:3/3
          A1 A2 A3 A4 A5 A6 => (A1..3) (A4..6)
        SlidingWindow A:3/1
          A1 A2 A3 A4 A5 => (A1..3) (A2..4) (A3..5)
        SlidingWindow A:3/2
          A1 A2 A3 A4 A5 A6 A7 => (A1..3) (A3..5) (A5..7)
        SlidingWindow A:5/2
          A1 A2 A3 A4 A5 A6 A7 A8 A9 => (A1..5) (A3..7) (A5..9)
        SlidingWindow A:2/1 B:2/1
          A1 A2 B1 =>
          A1 A2 B1 B2 => (A1..2,B1..2)
          A1 A2 B1 B2 A3 => (A1..2,B1..2)
          A1 A2 B1 B2 A3 B3 => (A1..2,B1..2) (A2..3,B2..3)
          A1 A2 A3 A4 B1 B2 B3 B4 => (A1..2,B1..2) (A2..3,B2..3) (A3..4,B3..4)
          A1 A2 A3 A4 | B1 B2 | B3 => (A1..2,B1..2) (A2..3,B2..3)
          B1 A1 B2 A2 B3 A3 => (A1..2,B1..2) (A2..3,B2..3)
        SlidingWindow A:2/1 B:1/1
          A1 B1 A2 B2 A3 => (A1..2,B1) (A2..3,B2)
          B1 B2 A1 A2 A3 A4 => (A1..2,B1) (A2..3,B2)
        SlidingWindow A:3/1 B:2/2
          A1 A2 A3 A4 B1 B2 B3 B4 => (A1..3,B1..2) (A2..4,B3..4)
          A1 A2 A3 B1 B2 A4 B3 | B4 => (A1..3,B1..2) (A2..4,B3..4)
        SlidingWindow A:3/1 B:1/1 maxWaiting=3
          A1 A2 A3 A4 B1 A4 A5 => xA4:overflow (A1..3,B1) xA5:overflow
        SlidingWindow A:4/2 timeout=1h:DEADLETTER
          A1 A2 @1h => @ xA1:dead xA2:dead
          A1 A2 A3 A4 @9h => (A1..4) @
          A1 A2 A3 A4 @9h A5 @59m @1m A6 => (A1..4) @ @ @ xA5:dead
          A1 A2 A3 A4 A5 | @1h A6 A7 A8 A9 => (A1..4) @ xA5:dead (A6..9)
        SlidingWindow A:4/2 timeout=1h:PARTIAL
          A1 A2 @1h A3 => @ (A1..2)?
          A1 A2 A3 A4 A5 @1h => (A1..4) @ (A3..5)?
          A1 A2 A3 A4 A5 @1h A6 A7 A8 A9 => (A1..4) @ (A3..5)? (A6..9)
        SlidingWindow A:2/1 C>A
          A1 C1 A2 C2 => (A1,C1) (C1,A2) (A2,C2)
        """);
  }

  @TestFactory
  Stream<DynamicTest> mergeInto() {
    return tests(
        """
        AllNew A B C>A
          A1 B1 => (A1,B1)
          C1 B1 => (C1,B1)
          C1 =>
          A1 C1 =>
          A1 C1 B1 => (A1,B1)
          A1 C1 B1 B2 => (A1,B1) (C1,B2)
          C1 A1 B1 B2 => (C1,B1) (A1,B2)
          C1 C2 A1 B1 B2 B3 => (C1,B1) (C2,B2) (A1,B3)
          B1 B2 C1 A1 => (C1,B1) (A1,B2)
          B1 C1 | B2 | A1 => (C1,B1) (A1,B2)
          C1 | A1 | B1 B2 => (C1,B1) (A1,B2)
          k:C1 l:A1 k:B1 l:B2 => k:(C1,B1) l:(A1,B2)
          C1 A1 C1 B1 B2 B3 => (C1,B1) (A1,B2) (C1,B3)
        AllNew A:2 B C>A
          A1 B1 C1 => (A1,C1,B1)
          C1 B1 C2 => (C1..2,B1)
          A1 C1 A2 B1 C2 B2 => (A1,C1,B1) (A2,C2,B2)
          A1 | C1 | B1 => (A1,C1,B1)
        AllNew A:1..3 B C>A
          A1 C1 A2 C2 B1 B2 => (A1,C1,A2,B1) (C2,B2)
        AllNew A:2 C>A
          A1 C1 => (A1,C1)
          C1 A1 A2 C2 => (C1,A1) (A2,C2)
          k:C1 A1 k:A2 => k:(C1,A2)
        AllNew A C>A
          A1 C1 A2 => (A1) (C1) (A2)
        AllNew A C>A D>A
          D1 A1 C1 => (D1) (A1) (C1)
        AllNew A:3 C>A D>A
          D1 A1 C1 C2 => (D1,A1,C1)
        AllNew A B C>B D>A
          C1 D1 A1 B1 => (D1,C1) (A1,B1)
          D1 A1 | C1 B1 => (D1,C1) (A1,B1)
        SwapNew4Old A B C>A
          C1 B1 A1 C2 => (C1,B1) (A1,B1) (C2,B1)
          A1 C1 | B1 => (C1,B1)
        SlidingWindow A:4/2 C>A
          A1 C1 A2 C2 A3 C3 => (A1,C1,A2,C2) (A2,C2,A3,C3)
          A1 C1 A2 | C2 A3 | C3 => (A1,C1,A2,C2) (A2,C2,A3,C3)
        AllNew A B C>A maxWaiting=2
          A1 C1 C2 B1 => xC2:overflow (A1,B1)
          C1 A1 A2 B1 => xA2:overflow (C1,B1)
        AllNew A B C>A timeout=1h:DROP
          C1 A1 @1h => @ xC1:drop xA1:drop
        AllNew A C>A window=60s+0s
          A1 C1 @60s A2 => @ (A1,C1)w0
        """);
  }

  @TestFactory
  Stream<DynamicTest> timeouts() {
    return tests(
        """
        AllNew A B timeout=1h:DROP
          @9h => @
          A1 @59m @1m => @ @ xA1:drop
          A1 @1h @1h => @ xA1:drop @
          A1 @1h B1 => @ xA1:drop
          A1 B1 @1h => (A1,B1) @
          A1 +30m A2 @30m => @ xA1:drop xA2:drop
          A1 +30m A2 B1 @30m => (A1,B1) @
          A1 +30m A2 B1 @30m @30m => (A1,B1) @ @ xA2:drop
          A1 A2 +1h B1 => (A1,B1)
          A1 A2 +1h B1 @0s => (A1,B1) @ xA2:drop
          A1 | @1h | B1 => @ xA1:drop
          A1 +30m | @30m => @ xA1:drop
          B1 +1m A1 A2 @59m @1m => (A1,B1) @ @ xA2:drop
          k:A1 +1m l:A2 @59m @1m => @ xk:A1:drop @ xl:A2:drop
          l:A1 k:A2 @1h => @ xk:A2:drop xl:A1:drop
          A1 @-1h @2h => @ @ xA1:drop
          A1 +1h B1 @0s A2 @59m @1m => (A1,B1) @ @ @ xA2:drop
        AllNew A:3 B timeout=1h:DEADLETTER
          A1 A2 B1 @1h => @ xA1:dead xA2:dead xB1:dead
          B1 A2 A1 @1h => @ xA2:dead xA1:dead xB1:dead
          A1 A2 +59m A3 B1 @1m => (A1..3,B1) @
          A1 +1h A2 A3 B1 => (A1..3,B1)
          A1 | A2 | @1h A3 B1 => @ xA1:dead xA2:dead
        AllNew A B maxWaiting=1 timeout=1h:DEADLETTER
          A1 A2 @1h A3 B1 => xA2:overflow @ xA1:dead (A3,B1)
        AllNew A B timeout=1h:PARTIAL
          A1 @1h => @ (A1)?
          B1 @1h A1 => @ (B1)?
          A1 @1h B1 @59m @1m => @ (A1)? @ @ (B1)?
          A1 A2 @1h => @ (A1)? (A2)?
          A1 +30m A2 @30m @30m => @ (A1)? @ (A2)?
          A1 +30m A2 @30m B1 => @ (A1)? (A2,B1)
          A1 | @1h | B1 A2 => @ (A1)? (A2,B1)
          k:A1 l:B1 @1h => @ k:(A1)? l:(B1)?
        AllNew A:3 B timeout=1h:PARTIAL
          A1 A2 @1h => @ (A1..2)?
          A1 A2 B1 @1h => @ (A1..2,B1)?
          A1 A2 A3 A4 A5 @1h => @ (A1..3)? (A4..5)?
          A1 B1 B2 +59m A2 @1m B3 => @ (A1..2,B1)? (B2)?
        AllNew A:2..4 B timeout=1h:PARTIAL
          A1 A2 A3 A4 A5 @1h => @ (A1..4)? (A5)?
        SlidingWindow A:2/1 B:1/1 timeout=1h:DROP
          A1 A2 B1 @2h A3 @1h => (A1..2,B1) @ @ xA3:drop
          A1 A2 B1 B2 @1h A3 B3 => (A1..2,B1) @ xB2:drop
        SwapNew4Old A B timeout=1h:DROP
          A1 @30m A2 @30m @30m B1 A3 => @ @ @ xA2:drop (A3,B1)
        """);
  }

  @TestFactory
  Stream<DynamicTest> minInterval() {
    return tests(
        """
        SwapNew4Old A minInterval=500ms
          A1 => (A1)
          A1 A2 => (A1)
          A1 A2 @499ms @1ms => (A1) @ @ (A2)
          A1 A2 A3 A4 @500ms @500ms => (A1) @ (A4) @
          A1 @500ms A2 => (A1) @ (A2)
          A1 +500ms A2 => (A1) (A2)
          A1 +499ms A2 +1ms A3 => (A1) (A3)
          A1 A2 +600ms A3 @0s => (A1) (A3) @
          A1 +-1s A2 @1s @500ms => (A1) @ @ (A2)
          A1 +-1h A2 @499ms @1ms => (A1) @ @ (A2)
          A1 +-1h A2 | @499ms @1ms => (A1) @ @ (A2)
          A1 +-1h @9m A2 A3 @500ms => (A1) @ @ (A3)
          A1 A2 | @500ms => (A1) @ (A2)
          A1 | A2 | @500ms | A3 | @500ms => (A1) @ (A2) @ (A3)
          A1 A2 @9s A3 @499ms @1ms => (A1) @ (A2) @ @ (A3)
          k:A1 l:A2 k:A3 l:A4 @500ms => k:(A1) l:(A2) @ k:(A3) l:(A4)
          k:A1 +200ms l:A2 l:A4 k:A3 @300ms @200ms => k:(A1) l:(A2) @ k:(A3) @ l:(A4)
          A1 A1 A1 @500ms => (A1) @ (A1)
        SwapNew4Old A B minInterval=500ms
          A1 B1 A2 B2 @500ms => (A1,B1) @ (A2,B2)
          A1 B1 A2 @500ms B2 @500ms => (A1,B1) @ (A2,B1) @ (A2,B2)
          A1 @1s B1 B2 @1s => @ (A1,B1) @ (A1,B2)
          A1 B1 | B2 | @500ms => (A1,B1) @ (A1,B2)
        AllNew A minInterval=1s
          A1 A2 A3 @1s @1s @1s => (A1) @ (A2) @ (A3) @
          A1 A2 A3 @9s @9s @9s => (A1) @ (A2) @ (A3) @
          A1 A2 +1s A3 @1s => (A1) (A2) @ (A3)
          A1 @1s A2 => (A1) @ (A2)
          A1 | A2 | @999ms | @1ms => (A1) @ @ (A2)
          A1 @999ms A2 @1ms => (A1) @ @ (A2)
        AllNew A:1..3 minInterval=1s
          A1 A2 A3 A4 A5 @1s @1s => (A1) @ (A2..4) @ (A5)
          A1 A2 A3 @1s A4 @1s => (A1) @ (A2..3) @ (A4)
        AllNew A B minInterval=1s
          A1 B1 A2 @1s B2 => (A1,B1) @ (A2,B2)
          A1 B1 A2 B2 A3 B3 @1s @1s => (A1,B1) @ (A2,B2) @ (A3,B3)
          A1 A2 B1 B2 | @1s => (A1,B1) @ (A2,B2)
        AllNew A minInterval=1s maxWaiting=2
          A1 A2 A3 A4 @1s A5 => (A1) xA4:overflow @ (A2)
        SlidingWindow A:2/1 minInterval=1s
          A1 A2 A3 A4 @1s @1s @1s => (A1..2) @ (A2..3) @ (A3..4) @
          A1 A2 A3 | @1s A4 | @1s => (A1..2) @ (A2..3) @ (A3..4)
        AllNew A minInterval=2h timeout=1h:DROP
          A1 A2 @1h @1h => (A1) @ @ (A2)
        AllNew A B minInterval=2h timeout=1h:DROP
          A1 B1 A2 @1h B2 => (A1,B1) @ xA2:drop
          A1 B1 A2 B2 A3 @1h @1h => (A1,B1) @ @ (A2,B2) xA3:drop
        AllNew A B minInterval=2h timeout=1h:PARTIAL
          A1 B1 A2 @1h @1h => (A1,B1) @ @ (A2)?
          A1 @1h B1 @1h @1h => @ (A1)? @ @ (B1)?
          A1 @1h B1 A2 @2h => @ (A1)? @ (A2,B1)
        """);
  }

  @TestFactory
  Stream<DynamicTest> windows() {
    return tests(
        """
        AllNew A window=60s+0s
          A1 =>
          A1~10s A2~20s A3~59s =>
          A1~10s A2~60s => (A1)w0
          A1~10s A2~20s A3~60s => (A1..2)w0
          A1~0s A2~60s +1m A3~120s => (A1)w0 (A2)w60
          A1~60s A2~0s A3~90s => xA2:late xA3:late
          A1~-1s A2~0s => (A1)w-60
          +60s A1~50s A2~10s A3~55s A4~60s => (A1..3)w0
          +60s A2~20s A1~10s A3~61s => (A2,A1)w0
          A1~10s | A2~20s | A3~60s => (A1..2)w0
          A1~10s +9m A2~500s => (A1)w0
          A1~10s A2~60s A3~10s A4~59s => (A1)w0 xA3:late xA4:late
          A1~10s A2~60s | A3~10s => (A1)w0 xA3:late
          A1~10s @59s @1s => @ @ (A1)w0
          A1~10s +30s A2~20s @59s @1s => @ @ (A1..2)w0
          A1~10s @60s A2~20s => @ (A1)w0 xA2:late
          A1~10s | @60s | A2~20s => @ (A1)w0 xA2:late
          A1~10s +60s A2~70s @60s => (A1)w0 @ (A2)w60
          A1~1h A2~10s @60s => @ (A1..2)w0
          A1~1h A2~10s A3~60s => (A1..2)w0
          +1h A1~61m A2~1h A3~59m => xA2:late xA3:late
          +1h A1~60m A2~61m A3~60m => (A1)w3600 xA3:late
          @9h => @
          @9h A1~10s @59s @1s => @ @ @ (A1)w0
          k:A1~10s l:A2~20s A3~60s => k:(A1)w0 l:(A2)w0
          l:A1~10s k:A2~20s k:A3~60s => k:(A2)w0 l:(A1)w0
          +2m l:A1~10s k:A2~50s A3~130s => k:(A2)w0 l:(A1)w0
          A1~10s A1~10s A2~60s => (A1,A1)w0
        AllNew A window=60s+30s
          A1~10s A2~60s +1m A3~89s A4~90s => (A1)w0
          +1m A1~10s A2~70s A3~20s A4~80s A5~90s => (A1,A3)w0
          +1m A1~70s A2~10s A3~110s A4~20s A5~119s => (A2)w0 xA4:late
          +2m A1~10s A2~65s A3~150s => (A1)w0 (A2)w60
          +2m k:A1~65s l:A2~10s l:A3~70s A4~170s => l:(A2)w0 k:(A1)w60 l:(A3)w60
          A1~10s @89s @1s => @ @ (A1)w0
          A1~10s @90s A2~60s => @ (A1)w0
        AllNew A B window=60s+0s
          A1~10s B1~20s A2~60s => (A1,B1)w0
          A1~10s A2~20s B1~30s B2~40s A3~60s => (A1..2,B1..2)w0
          A1~10s A2~60s => xA1:dead
          B1~10s B2~15s A2~60s => xB1:dead xB2:dead
          A1~10s @60s B1~10s => @ xA1:dead xB1:late
          k:A1~10s l:A2~10s l:B2~10s A9~60s => l:(A2,B2)w0 xk:A1:dead
          A1~10s | B1~20s | @60s => @ (A1,B1)w0
        AllNew A:2 window=60s+0s
          A1 A2~60s => xA1:dead
          A1 A2~1s A3~2s A4~60s => (A1..3)w0
        AllNew A:1..2 window=60s+0s
          A1 A2 A3 A4 @1m => @ (A1..4)w0
        AllNew A maxWaiting=2 window=60s+0s
          A1 A2 A3 A4~60s => xA3:overflow (A1..2)w0
          A1 A2 A3 k:A4 A5~60s A6~60s A7~60s => xA3:overflow (A1..2)w0 k:(A4)w0 xA7:overflow
        """);
  }

  private static Stream<DynamicTest> tests(String table) {
    List<DynamicTest> tests = new ArrayList<>();
    String spec = "";
    for (String line : table.lines().filter(each -> !each.isBlank()).toList()) {
      if (!line.startsWith(" ")) {
        spec = line;
        continue;
      }
      String[] sides = line.split("=>", 2);
      String expected = String.join(" ", Script.words(sides[1]));
      Script script = Script.of(spec, sides[0]);
      String name = spec + " | " + line.strip();
      tests.add(
          DynamicTest.dynamicTest(
              name,
              () -> {
                assertThat(Machine.run(script)).as(name).isEqualTo(expected);
                assertThat(Machine.run(script.restartedAlways()))
                    .as("%s, restarted always", name)
                    .isEqualTo(expected);
              }));
    }
    assertThat(tests).hasSizeGreaterThanOrEqualTo(LEAST);
    return tests.stream();
  }
}
