#include "client/printable.h"

#include <gtest/gtest.h>

namespace wcmp::client {
namespace {

TEST(Printable, LeavesTextAlone) {
    for (const std::string text : {"", "plain ~ text", "tab\tonly", "Zoë", "日本語", "\xf0\x9f\x93\xa6"})
        EXPECT_EQ(printable(text), text);
}

TEST(Printable, EscapesWhatMovesTheTerminal) {
    EXPECT_EQ(printable("\x1b[2J"), "\\x1b[2J");
    EXPECT_EQ(printable("a\rb\x7f"), "a\\x0db\\x7f");
    EXPECT_EQ(printable(std::string("\0", 1)), "\\x00");
    EXPECT_EQ(printable("\xc2\x9b[2J"), "\\xc2\\x9b[2J");  // CSI as one character of C1
    EXPECT_EQ(printable("\xe2\x80\xae"
                        "txt"),
              "\\xe2\\x80\\xaetxt");  // right to left from here
    EXPECT_EQ(printable("\xe2\x81\xa6"), "\\xe2\\x81\\xa6");
}

TEST(Printable, KeepsLinesOnlyOnRequest) {
    EXPECT_EQ(printable("a\nb"), "a\\x0ab");
    EXPECT_EQ(printable("a\nb", Lines::kept), "a\nb");
}

TEST(Printable, KnowsUtf8) {
    EXPECT_TRUE(is_utf8("\u00e4\U0001f600\x1b"));
    EXPECT_FALSE(is_utf8("a\xff"));
    EXPECT_FALSE(is_utf8("\xed\xa0\x80"));
    EXPECT_EQ(utf8_characters("a\u00e4\U0001f600"), 3U);
}

TEST(Quoted, EveryLineOfTheTerminalIsMarked) {
    EXPECT_EQ(quoted("", 80), "");
    EXPECT_EQ(quoted("one", 80), "| one\n");
    EXPECT_EQ(quoted("one\n\nletter 1 from bob\n", 80), "| one\n| \n| letter 1 from bob\n");
    EXPECT_EQ(quoted(std::string(18, 'a'), 20), "| " + std::string(18, 'a') + "\n");
    EXPECT_EQ(quoted(std::string(19, 'a'), 20), "| " + std::string(18, 'a') + "\n: a\n");
    EXPECT_EQ(quoted("aaaaaaaaaaaa\tb", 20), "| aaaaaaaaaaaa\n: \tb\n");  // a tab may be wide
    EXPECT_EQ(quoted("aaaaaaaaaaaaaaaaa\u4e2d", 20), "| aaaaaaaaaaaaaaaaa\n: \u4e2d\n");
    EXPECT_EQ(quoted(std::string(30, 'a'), 0),
              "| " + std::string(18, 'a') + "\n: " + std::string(12, 'a') + "\n");
}

TEST(Printable, EscapesWhatIsNotUtf8) {
    EXPECT_EQ(printable("\xff"), "\\xff");
    EXPECT_EQ(printable("\xc3"), "\\xc3");                             // cut off
    EXPECT_EQ(printable("\x80x"), "\\x80x");                           // a middle without a start
    EXPECT_EQ(printable("\xc0\x9b"), "\\xc0\\x9b");                    // not the shortest form
    EXPECT_EQ(printable("\xe0\x80\x9b"), "\\xe0\\x80\\x9b");           // nor this
    EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80");           // a surrogate
    EXPECT_EQ(printable("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");  // beyond Unicode
    EXPECT_EQ(printable("\xc3\x1b"), "\\xc3\\x1b");
}

}  // namespace
}  // namespace wcmp::client
