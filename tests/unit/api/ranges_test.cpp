#include "api/ranges.h"

#include <string>

#include <gtest/gtest.h>

namespace wcmp::api {
namespace {

using Kind = ByteRange::Kind;

void expect_part(std::string_view field, std::uint64_t first, std::uint64_t length) {
    const auto range = parse_range(field, 1000);
    EXPECT_EQ(range.kind, Kind::part) << field;
    EXPECT_EQ(range.first, first) << field;
    EXPECT_EQ(range.length, length) << field;
}

TEST(Ranges, PartsAreClamped) {
    expect_part("bytes=0-0", 0, 1);
    expect_part("bytes=10-19", 10, 10);
    expect_part("bytes=990-", 990, 10);
    expect_part("bytes=990-99999", 990, 10);
    expect_part("bytes=0-99999999999999999999999", 0, 1000);
    expect_part("bytes=-10", 990, 10);
    expect_part("bytes=-5000", 0, 1000);
    expect_part("Bytes= 1-2 ", 1, 2);
}

TEST(Ranges, OutsideIsUnsatisfiable) {
    for (const auto* field : {"bytes=1000-", "bytes=1000-2000", "bytes=99999999999999999999999-", "bytes=-0"})
        EXPECT_EQ(parse_range(field, 1000).kind, Kind::unsatisfiable) << field;
    EXPECT_EQ(parse_range("bytes=0-", 0).kind, Kind::unsatisfiable);
    EXPECT_EQ(parse_range("bytes=-1", 0).kind, Kind::unsatisfiable);
}

TEST(Ranges, WhatCannotBeReadIsTheWhole) {
    for (const auto* field : {"", "bytes", "bytes=", "bytes=-", "bytes=1", "bytes=2-1", "bytes=a-b",
                              "bytes=1-b", "bytes=1-2,3-4", "lines=1-2", "bytes=+1-2", "bytes=--1"}) {
        EXPECT_EQ(parse_range(field, 1000).kind, Kind::whole) << field;
        EXPECT_EQ(parse_range(field, 1000).length, 1000u) << field;
    }
}

TEST(Ranges, EntityTagsAreCompared) {
    EXPECT_TRUE(none_match_names("\"a\"", "\"a\""));
    EXPECT_TRUE(none_match_names("\"b\", W/\"a\"", "\"a\""));
    EXPECT_TRUE(none_match_names("*", "\"a\""));
    EXPECT_FALSE(none_match_names("", "\"a\""));
    EXPECT_FALSE(none_match_names("a", "\"a\""));
    EXPECT_FALSE(none_match_names("\"ab\"", "\"a\""));
}

}  // namespace
}  // namespace wcmp::api
