#include "api/recognition_json.h"

#include "unit/api/fake_service.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

namespace wcmp::api {
namespace {

using test::known_record;
using test::unknown_record;

TEST(RecognitionJson, AKnownSuiteHasEveryField) {
    const auto lines = recognition_lines(known_record(0xab, 20'878));
    ASSERT_TRUE(lines.has_value());
    ASSERT_TRUE(lines->ends_with("}\n"));
    const auto line = boost::json::parse(*lines).as_object();
    EXPECT_EQ(line.at("suite").to_number<int>(), 1);
    EXPECT_EQ(line.at("slot_exp").to_number<int>(), 2);
    EXPECT_EQ(line.at("expires").as_string(), "2027-03-01");
    EXPECT_EQ(line.at("length").to_number<int>(), 2048);
    EXPECT_EQ(line.at("id").as_string(), [] {
        std::string id;
        for (int i = 0; i < 32; ++i) id += "ab";
        return id;
    }());
    EXPECT_EQ(line.at("digest").as_string().size(), 64u);
    EXPECT_EQ(line.at("nonce1").as_string(), "01010101010101010101010101010101");
    EXPECT_EQ(line.at("from_tag").as_string(), "f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0");
    EXPECT_EQ(line.at("to_tags").as_array().at(3).as_string(), "03030303030303030303030303030303");
}

TEST(RecognitionJson, AnUnknownSuiteHasWhatEveryMessageHas) {
    const auto line = boost::json::parse(recognition_lines(unknown_record(1, 20'878)).value()).as_object();
    EXPECT_EQ(line.at("suite").to_number<int>(), 9);
    EXPECT_FALSE(line.contains("slot_exp"));
    EXPECT_FALSE(line.contains("to_tags"));
}

TEST(RecognitionJson, ManyRecordsAreManyLines) {
    Bytes records;
    for (std::uint8_t i = 0; i < 5; ++i) {
        const auto record = i % 2 == 0 ? known_record(i, i) : unknown_record(i, i);
        records.insert(records.end(), record.begin(), record.end());
    }
    const auto lines = recognition_lines(records).value();
    EXPECT_EQ(std::ranges::count(lines, '\n'), 5);
    EXPECT_EQ(recognition_lines({}).value(), "");
}

TEST(RecognitionJson, WhatIsNoRecordIsRefused) {
    const auto record = known_record(1, 1);
    for (std::size_t length = 1; length < record.size(); ++length)
        EXPECT_FALSE(recognition_lines(ByteView(record).first(length)).has_value()) << length;
    auto many_slots = record;
    many_slots[3] = 9;
    EXPECT_EQ(recognition_lines(many_slots).error().code, Errc::invalid);
    auto long_unknown = record;
    long_unknown[3] = 255;
    EXPECT_EQ(recognition_lines(long_unknown).error().code, Errc::invalid);
    auto fewer_slots = record;
    fewer_slots[3] = 1;
    EXPECT_EQ(recognition_lines(fewer_slots).error().code, Errc::invalid);
}

}  // namespace
}  // namespace wcmp::api
