#include "api/media_type.h"

#include <array>

#include <gtest/gtest.h>

namespace wcmp::api {
namespace {

constexpr std::array offers = {media::recognition, media::lines};

TEST(MediaType, ContentTypesAreComparedWithoutTheirParameters) {
    EXPECT_TRUE(has_type("application/json", media::json));
    EXPECT_TRUE(has_type("Application/JSON ; charset=utf-8", media::json));
    EXPECT_TRUE(has_type("", media::json));
    EXPECT_FALSE(has_type("application/jsonx", media::json));
    EXPECT_FALSE(has_type("text/plain", media::json));
}

TEST(MediaType, TheFirstOfferIsTakenWhenAnyWillDo) {
    EXPECT_EQ(choose("", offers), media::recognition);
    EXPECT_EQ(choose("  ", offers), media::recognition);
    EXPECT_EQ(choose("*/*", offers), media::recognition);
    EXPECT_EQ(choose("application/*", offers), media::recognition);
    EXPECT_EQ(choose("text/html,application/x-ndjson", offers), media::lines);
}

TEST(MediaType, QualityDecides) {
    EXPECT_EQ(choose("application/vnd.wcmp.recognition;q=0.4, application/x-ndjson;q=0.5", offers),
              media::lines);
    EXPECT_EQ(choose("application/vnd.wcmp.recognition;q=0.45, application/x-ndjson; q=0.4", offers),
              media::recognition);
    EXPECT_EQ(choose("application/vnd.wcmp.recognition;q=0, */*;q=0.1", offers), media::lines);
    EXPECT_EQ(choose("*/*;q=0.9, application/x-ndjson", offers), media::lines);
    EXPECT_EQ(choose("application/x-ndjson;a=b;Q=1.000", offers), media::lines);
}

TEST(MediaType, NothingIsChosenWhenNothingFits) {
    EXPECT_EQ(choose("text/html", offers), std::nullopt);
    EXPECT_EQ(choose("text/*", offers), std::nullopt);
    EXPECT_EQ(choose("application/x-ndjson;q=0", offers), std::nullopt);
    EXPECT_EQ(choose("*/*;q=0.000", offers), std::nullopt);
    EXPECT_EQ(choose(",;,", offers), std::nullopt);
}

}  // namespace
}  // namespace wcmp::api
