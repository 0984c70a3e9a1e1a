#include "settings/settings.h"

#include "temporary_directory.h"

#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

namespace wcmp::settings {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

Settings parsed(const std::string& text) {
    const auto settings = parse(text, "wcmpd.toml");
    EXPECT_TRUE(settings) << settings.error().text();
    return settings.value_or(Settings{});
}

std::string error_of(const std::string& text) {
    const auto settings = parse(text, "wcmpd.toml");
    return settings ? "no error" : settings.error().text();
}

std::string shipped_file() {
    std::ifstream stream(WCMP_TEST_DATA "/../config/wcmpd.toml");
    std::stringstream text;
    text << stream.rdbuf();
    return text.str();
}

// Takes the mark from the beginning of each line that has it and a setting behind it.
std::string uncommented(const std::string& text, const std::string& mark) {
    std::istringstream lines(text);
    std::string result;
    for (std::string line; std::getline(lines, line);) {
        const bool setting = line.starts_with(mark) && line.size() > mark.size() && line[mark.size()] != ' ';
        result += (setting ? line.substr(mark.size()) : line) + "\n";
    }
    return result;
}

TEST(CoverSettings, AreOffByDefaultAndHaveLimits) {
    EXPECT_EQ(parsed("").cover.messages_per_visit, 0u);
    EXPECT_EQ(parsed("[cover]\nmessages_per_visit = 256").cover.messages_per_visit, 256u);
    EXPECT_THAT(error_of("[cover]\nmessages_per_visit = 257"),
                HasSubstr("cover.messages_per_visit: must be a whole number from 0 to 256"));
    EXPECT_THAT(error_of("[cover]\nmessages_per_visit = -1"), HasSubstr("cover.messages_per_visit"));
    EXPECT_THAT(error_of("[cover]\nmean = 1"), HasSubstr("cover.mean"));
}

TEST(CoverSettings, NeedMessagesThatLiveAsLongAsDummies) {
    EXPECT_THAT(error_of("[rules]\nlifetime_days_max = 33\n[cover]\nmessages_per_visit = 1"),
                HasSubstr("lifetime_days_max of at least 34"));
    EXPECT_EQ(parsed("[rules]\nlifetime_days_max = 33").rules.lifetime_days_max, 33u);
    EXPECT_EQ(
        parsed("[rules]\nlifetime_days_max = 34\n[cover]\nmessages_per_visit = 1").cover.messages_per_visit,
        1u);
}

TEST(ShippedSettings, AreTheDefaults) {
    ASSERT_FALSE(shipped_file().empty());
    EXPECT_EQ(parsed(shipped_file()), Settings{});
}

TEST(ShippedSettings, ShowTheDefaultOfEveryKey) {
    const auto text = uncommented(shipped_file(), "#");
    Settings expected;
    expected.store.path = "/var/lib/wcmp/store";
    expected.api.socket = "/run/wcmp/api.sock";
    EXPECT_EQ(parsed(text), expected);
    for (const auto* key : {"source", "handover_socket", "visit_seconds_max", "visit_bytes_max", "path",
                            "bytes_max", "keep_free_bytes", "lifetime_days_max", "message_bytes_max",
                            "folder", "adopt", "socket", "upload_bytes_max", "trust_rtc", "level"})
        EXPECT_THAT(text, HasSubstr("\n" + std::string(key) + " = "));
}

TEST(ShippedSettings, ShowADirectory) {
    const auto settings = parsed(uncommented(shipped_file(), "#     "));
    const std::vector<DirectoryDrive> expected{{.path = "/media/relay", .shared = false}};
    EXPECT_EQ(settings.drives.directories, expected);
}

TEST(Settings, NothingMeansTheDefaults) {
    EXPECT_EQ(parsed(""), Settings{});
    EXPECT_EQ(parsed("[store]\n[drives]\n"), Settings{});
}

TEST(Settings, EveryKeyIsRead) {
    const auto settings = parsed(R"(
[store]
path = "/s"
bytes_max = "1 GiB"
keep_free_bytes = 5
[rules]
lifetime_days_max = 30
message_bytes_max = "64KiB"
[drives]
source = "desktop"
handover_socket = "/run/h"
visit_seconds_max = 60
visit_bytes_max = "1 GiB"
folder = "Post"
adopt = "any"
bytes_max = "2 TiB"
keep_free_bytes = "7 B"
[[drives.directory]]
path = "/a/./b/../c/"
shared = true
[[drives.directory]]
path = "/b"
[api]
socket = "/run/s"
upload_bytes_max = "1 MiB"
[clock]
trust_rtc = true
[log]
level = "debug"
)");
    Settings expected;
    expected.store = {.path = "/s", .bytes_max = 1 << 30, .keep_free_bytes = 5};
    expected.rules = {.lifetime_days_max = 30, .message_bytes_max = 65'536};
    expected.drives = {.folder = "Post",
                       .adopt = Adopt::any,
                       .bytes_max = std::uint64_t{2} << 40,
                       .keep_free_bytes = 7,
                       .source = DriveSource::desktop,
                       .handover_socket = "/run/h",
                       .visit_seconds_max = 60,
                       .visit_bytes_max = std::uint64_t{1} << 30,
                       .directories = {{.path = "/a/c", .shared = true}, {.path = "/b", .shared = false}}};
    expected.api = {.socket = "/run/s", .upload_bytes_max = 1 << 20};
    expected.clock.trust_rtc = true;
    expected.log.level = LogLevel::debug;
    EXPECT_EQ(settings, expected);
}

TEST(Settings, AnErrorNamesFileLineKeyAndWhatToDo) {
    EXPECT_EQ(error_of("[rules]\n\nlifetime_days_max = 183\n"),
              "wcmpd.toml:3: rules.lifetime_days_max: must be a whole number from 1 to 182");
}

TEST(Settings, TheFirstErrorInTheFileIsNamed) {
    EXPECT_THAT(error_of("[log]\nlevel = 1\n[store]\npath = 2\n"), StartsWith("wcmpd.toml:2: log.level: "));
    EXPECT_THAT(error_of("[zzz]\n[store]\npath = 2\n"), StartsWith("wcmpd.toml:1: zzz: "));
}

TEST(Settings, WhatIsNoTomlIsNamedWithItsLine) {
    EXPECT_THAT(error_of("[store]\npath = \n"), StartsWith("wcmpd.toml:2: not TOML: "));
    EXPECT_THAT(error_of("[store\n"), StartsWith("wcmpd.toml:1: not TOML: "));
    EXPECT_THAT(error_of("[log]\nlevel = \"info\"\nlevel = \"info\"\n"),
                StartsWith("wcmpd.toml:3: not TOML"));
    EXPECT_THAT(error_of("\xff\xfe"), StartsWith("wcmpd.toml:1: not TOML: "));
}

// The library asserts that these cannot be.
TEST(Settings, MalformedTableHeadersAreErrors) {
    for (const auto* text : {"[[[1]]]", "[[[a]]]", "[[[]]", "[[=", "[\x10[a]]", "[=]", "[\xc3\xa9]"})
        EXPECT_THAT(error_of(text), StartsWith("wcmpd.toml:1: not TOML: ")) << text;
}

TEST(Settings, TextsMayHoldAnyLetter) {
    for (const std::string path :
         {"/media/B\xc3\xbcro", "/\xf0\x9f\x93\xae", "/100%", "/%41", "/a%", "/%c3%bc"})
        for (const char* quote : {"\"", "'"})
            EXPECT_EQ(parsed("[store]\npath = " + (quote + path) + quote + " # \xc3\xa9").store.path, path);
    EXPECT_EQ(parsed("[store]\npath = \"/\\u00fc\"").store.path, "/\xc3\xbc");
    EXPECT_EQ(parsed("\xef\xbb\xbf[store]\n"), Settings{});
    EXPECT_THAT(error_of("[store]\n\"p\xc3\xa4th\" = 1"),
                StartsWith("wcmpd.toml:2: store.p\xc3\xa4th: no such"));
}

TEST(Settings, LettersBeyondAsciiOutsideOfQuotesAreErrors) {
    for (const auto* text : {"[sv\xc8\x8d"
                             "e]",
                             "\xc3\xa9 = 1",
                             "a = 0\xc8\x93"
                             "b",
                             "\xc2\xa0", "a = \xc3"})
        EXPECT_THAT(error_of(text), StartsWith("wcmpd.toml:1: not TOML: ")) << text;
}

struct Case {
    const char* text;
    const char* expected;
};

class BadValue : public testing::TestWithParam<Case> {};

TEST_P(BadValue, IsExplained) {
    EXPECT_THAT(error_of(GetParam().text), StartsWith(GetParam().expected));
}

INSTANTIATE_TEST_SUITE_P(
    Unknown, BadValue,
    testing::Values(Case{"[store]\nbyte_max = 1",
                         "wcmpd.toml:2: store.byte_max: no such setting; did you mean \"bytes_max\"?"},
                    Case{"[stroe]", "wcmpd.toml:1: stroe: no such setting; did you mean \"store\"?"},
                    Case{"quota = 1", "wcmpd.toml:1: quota: no such setting; remove it"},
                    Case{"[drives]\ndirectories = []",
                         "wcmpd.toml:2: drives.directories: no such setting; did you mean \"directory\"?"},
                    Case{"[[drives.directory]]\npath = \"/a\"\nshare = true",
                         "wcmpd.toml:3: drives.directory.share: no such setting; did you mean \"shared\"?"}));

INSTANTIATE_TEST_SUITE_P(
    Types, BadValue,
    testing::Values(
        Case{"store = 1", "wcmpd.toml:1: store: must be a table: [store]"},
        Case{"[clock]\ntrust_rtc = \"yes\"", "wcmpd.toml:2: clock.trust_rtc: must be true or false"},
        Case{"[rules]\nlifetime_days_max = \"9\"", "wcmpd.toml:2: rules.lifetime_days_max: must be a whole"},
        Case{"[rules]\nlifetime_days_max = 9.5", "wcmpd.toml:2: rules.lifetime_days_max: must be a whole"},
        Case{"[store]\nbytes_max = true", "wcmpd.toml:2: store.bytes_max: must be a size"},
        Case{"[store]\npath = 1", "wcmpd.toml:2: store.path: must be a text in quotes"},
        Case{"[drives]\nadopt = 1", "wcmpd.toml:2: drives.adopt: must be \"prepared\" or \"any\""},
        Case{"[drives]\ndirectory = \"/a\"",
             "wcmpd.toml:2: drives.directory: must be written as [[drives.directory]], once for each"},
        Case{"[drives]\ndirectory = [1]", "wcmpd.toml:2: drives.directory: must be written as"}));

INSTANTIATE_TEST_SUITE_P(
    Ranges, BadValue,
    testing::Values(
        Case{"[rules]\nlifetime_days_max = 0",
             "wcmpd.toml:2: rules.lifetime_days_max: must be a whole number"},
        Case{"[rules]\nmessage_bytes_max = 1542",
             "wcmpd.toml:2: rules.message_bytes_max: must be a size from 1543 B to 32 MiB"},
        Case{"[rules]\nmessage_bytes_max = \"33 MiB\"",
             "wcmpd.toml:2: rules.message_bytes_max: must be a size"},
        Case{"[store]\nbytes_max = \"15 MiB\"",
             "wcmpd.toml:2: store.bytes_max: must be a size of at least 16 MiB"},
        Case{"[store]\nkeep_free_bytes = -1", "wcmpd.toml:2: store.keep_free_bytes: must be a size"},
        Case{"[drives]\nsource = \"usb\"", "wcmpd.toml:2: drives.source: must be \"auto\", \"mountd\", "},
        Case{"[drives]\nvisit_seconds_max = 9", "wcmpd.toml:2: drives.visit_seconds_max: must be a whole"},
        Case{"[drives]\nvisit_bytes_max = \"255 MiB\"",
             "wcmpd.toml:2: drives.visit_bytes_max: must be a size of at least 256 MiB"},
        Case{"[drives]\nbytes_max = \"1 MB\"", "wcmpd.toml:2: drives.bytes_max: must be a size: a number"},
        Case{"[api]\nupload_bytes_max = \"5 GiB\"",
             "wcmpd.toml:2: api.upload_bytes_max: must be a size from "},
        Case{"[log]\nlevel = \"loud\"",
             "wcmpd.toml:2: log.level: must be \"error\", \"warning\", \"info\" or \"debug\""}));

INSTANTIATE_TEST_SUITE_P(
    Paths, BadValue,
    testing::Values(
        Case{"[store]\npath = \"~/store\"", "wcmpd.toml:2: store.path: \"~\" means nothing here"},
        Case{"[store]\npath = \"store\"", "wcmpd.toml:2: store.path: must be a path that begins with \"/\""},
        Case{"[store]\npath = \"\"", "wcmpd.toml:2: store.path: must be a path that begins with \"/\""},
        Case{"[store]\npath = \"/a\\u0000b\"", "wcmpd.toml:2: store.path: must be a path"},
        Case{"[drives]\nfolder = \"a/b\"", "wcmpd.toml:2: drives.folder: must be the name of a folder"},
        Case{"[drives]\nfolder = \"..\"", "wcmpd.toml:2: drives.folder: must be the name of a folder"},
        Case{"[drives]\nfolder = \"\"", "wcmpd.toml:2: drives.folder: must be the name of a folder"},
        Case{"[drives]\nfolder = \"a\\nb\"", "wcmpd.toml:2: drives.folder: must be the name of a folder"},
        Case{"[[drives.directory]]\nshared = true", "wcmpd.toml:1: drives.directory.path: is missing"},
        Case{"[[drives.directory]]\npath = \"/a\"\n[[drives.directory]]\npath = \"/a/\"",
             "wcmpd.toml:4: drives.directory.path: is listed twice"},
        Case{"[store]\npath = \"/s\"\n[[drives.directory]]\npath = \"/s\"",
             "wcmpd.toml:4: drives.directory.path: the store cannot be a drive"},
        Case{"[store]\npath = \"/s/t\"\n[[drives.directory]]\npath = \"/s\"",
             "wcmpd.toml:4: drives.directory.path: the store cannot be a drive"}));

TEST(Settings, ASocketsPathHasItsLimit) {
    EXPECT_EQ(error_of("[api]\nsocket = \"/" + std::string(106, 'x') + "\""), "no error");
    EXPECT_THAT(error_of("[api]\nsocket = \"/" + std::string(107, 'x') + "\""),
                StartsWith("wcmpd.toml:2: api.socket: is too long"));
}

// What the command line and the defaults add is no line of the file.
TEST(SettingsConflict, TheStoreIsNoDriveNorInOneNorAroundOne) {
    Settings settings;
    settings.drives.directories = {{"/media/stick", false}};
    settings.store.path = "/var/lib/wcmp";
    EXPECT_FALSE(find_conflict(settings));
    for (const auto* store : {"/media/stick", "/media/stick/WCMP", "/media", "/", "/media/other/../stick"}) {
        settings.store.path = store;
        const auto conflict = find_conflict(settings);
        ASSERT_TRUE(conflict) << store;
        EXPECT_EQ(conflict->key, "drives.directory.path");
        EXPECT_EQ(conflict->problem, "the store cannot be a drive, nor lie in one; choose another directory");
    }
}

TEST(SettingsConflict, ASocketsPathHasItsLimitWhoeverNamedIt) {
    Settings settings;
    settings.store.path = "/store";
    settings.api.socket = "/" + std::string(106, 'x');
    EXPECT_FALSE(find_conflict(settings));
    settings.api.socket += 'x';
    ASSERT_TRUE(find_conflict(settings));
    EXPECT_EQ(find_conflict(settings)->key, "api.socket");
}

TEST(SettingsFile, IsNoFifo) {
    const tests::TemporaryDirectory temporary;
    const auto fifo = temporary.path() / "wcmpd.toml";
    ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
    EXPECT_EQ(load(fifo).error().problem, "is no regular file");
}

TEST(Settings, TheHandoversPathHasItToo) {
    EXPECT_THAT(error_of("[drives]\nhandover_socket = \"/" + std::string(107, 'a') + "\""),
                StartsWith("wcmpd.toml:2: drives.handover_socket: is too long"));
}

TEST(SettingsFile, IsReadWhole) {
    const tests::TemporaryDirectory temporary;
    const auto file = temporary.path() / "wcmpd.toml";
    std::ofstream(file) << "[log]\nlevel = \"error\"\n";
    EXPECT_EQ(load(file).value().log.level, LogLevel::error);
    std::ofstream(file) << "[log]\nlevel = \"?\"\n";
    EXPECT_THAT(load(file).error().text(), StartsWith(file.string() + ":2: log.level: "));
}

TEST(SettingsFile, SaysWhyItCannotBeRead) {
    const tests::TemporaryDirectory temporary;
    const auto missing = temporary.path() / "missing.toml";
    EXPECT_EQ(load(missing).error().text(), missing.string() + ": cannot be read: No such file or directory");
    EXPECT_THAT(load(temporary.path()).error().text(), HasSubstr("is a directory"));
    const auto large = temporary.path() / "large.toml";
    std::ofstream(large) << std::string((1 << 20) + 1, '#');
    EXPECT_THAT(load(large).error().text(), HasSubstr("is larger than 1 MiB"));
}

}  // namespace
}  // namespace wcmp::settings
