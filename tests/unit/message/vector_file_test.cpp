// The vectors must not pass because there was nothing to run.
#include "vectors/vector_file.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include <boost/json.hpp>
#include <gtest/gtest.h>
#include <unistd.h>

namespace wcmp::vectors {
namespace {

class VectorFileTest : public testing::Test {
protected:
    VectorFileTest() {
        std::ifstream published(WCMP_TEST_DATA "/vectors/vectors.json");
        std::ostringstream whole;
        whole << published.rdbuf();
        json_ = boost::json::parse(whole.str()).as_object();
    }
    ~VectorFileTest() override { std::filesystem::remove(path_); }

    VectorFile load_changed() {
        std::ofstream(path_) << boost::json::serialize(json_);
        return load(path_);
    }

    boost::json::object json_;

private:
    std::string path_ = testing::TempDir() + "wcmp-vectors-" + std::to_string(::getpid()) + ".json";
};

constexpr std::array sections{"hpke",      "positive", "relay_accepts",   "negative",
                              "sequences", "bundles",  "damaged_bundles", "salvage"};

TEST_F(VectorFileTest, TheSameFileElsewhereLoads) {
    const auto file = load_changed();
    EXPECT_EQ(file.positive.size(), all().front().positive.size());
    EXPECT_EQ(file.negative.size(), json_["negative"].as_array().size());
}

TEST_F(VectorFileTest, AMissingSectionFails) {
    for (const auto* name : sections) {
        const auto kept = json_;
        json_.erase(name);
        EXPECT_ANY_THROW(load_changed()) << name;
        json_ = kept;
    }
    json_.erase("keys");
    EXPECT_ANY_THROW(load_changed());
}

TEST_F(VectorFileTest, AnEmptySectionFails) {
    for (const auto* name : sections) {
        const auto kept = json_;
        json_[name] = boost::json::array{};
        EXPECT_THROW(load_changed(), std::runtime_error) << name;
        json_ = kept;
    }
    json_["keys"] = boost::json::object{};
    EXPECT_THROW(load_changed(), std::runtime_error);
}

TEST_F(VectorFileTest, AnotherFormatFails) {
    json_["format"] = "wcmp-vectors-2";
    EXPECT_THROW(load_changed(), std::runtime_error);
    json_["format"] = "wcmp-vectors-1";
    json_["suite"] = 2;
    EXPECT_THROW(load_changed(), std::runtime_error);
}

TEST_F(VectorFileTest, BadDigitsAndNoFileFail) {
    json_["relay_accepts"].as_array()[0].as_object()["message"] = "0g";
    EXPECT_THROW(load_changed(), std::runtime_error);
    EXPECT_THROW(load("/nowhere/vectors.json"), std::runtime_error);
}

}  // namespace
}  // namespace wcmp::vectors
