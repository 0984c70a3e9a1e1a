// A store on a real folder, whose mapped files lose pages while it is open, and get them back.
#include "core/limits.h"
#include "io/posix.h"
#include "store/store.h"
#include "temporary_directory.h"
#include "test_store.h"

#include <fstream>

namespace wcmp::store::test {
namespace {

class LostPages : public testing::Test {
protected:
    static constexpr std::size_t count = 400;  // an index of four pages

    void SetUp() override {
        auto directory = io::open_or_make_directory(place_.path());
        ASSERT_TRUE(directory.has_value());
        OpenReport report;
        auto opened = Store::open(std::move(*directory), {.store_keep_free_bytes = 0}, today,
                                  {clock_, random_}, report);
        ASSERT_TRUE(opened.has_value()) << describe(opened.error());
        store_ = std::move(*opened);
        messages_ = bundle::test::sample_messages(random_, count, first_day, 1, 300);
        for (const auto& message : messages_)
            ASSERT_TRUE(store_->enqueue(std::array{message.bytes}, today)[0].has_value());
        ASSERT_TRUE(store_->fold(today).has_value());
        ASSERT_EQ(store_->snapshot()->bundles.size(), 1U);
        name_ = store_->snapshot()->bundles[0]->name();
    }
    std::filesystem::path path(const std::string& suffix = "") const {
        return place_.path() / (bundle::to_string(name_) + suffix);
    }
    std::size_t count_readable() const {
        return static_cast<std::size_t>(std::ranges::count_if(
            messages_, [&](const auto& message) { return store_->read(message.key.id, today).has_value(); }));
    }
    static void put_back(const std::filesystem::path& file, const std::string& content) {
        std::ofstream(file, std::ios::binary | std::ios::in | std::ios::out)
            .write(content.data(), static_cast<std::streamsize>(content.size()));
    }
    static std::string content(const std::filesystem::path& file) {
        std::ifstream stream(file, std::ios::binary);
        return {std::istreambuf_iterator<char>(stream), {}};
    }

    tests::TemporaryDirectory place_;
    ManualClock clock_;
    SeededRandom random_{1};
    std::unique_ptr<Store> store_;
    std::vector<Sample> messages_;
    bundle::Name name_;
};

TEST_F(LostPages, OfAnIndexAreNoEndAndWhatComesBackIsThere) {
    const auto whole = content(path());
    EXPECT_EQ(count_readable(), count);
    std::filesystem::resize_file(path(), 8192);
    EXPECT_EQ(count_readable(), 0U);
    EXPECT_FALSE(store_->snapshot()->bundles[0]->is_whole());
    bundle::Entry entry;
    EXPECT_EQ(store_->snapshot()->bundles[0]->read_entries(count - 1, std::span(&entry, 1)).error().code,
              Errc::bundle);
    put_back(path(), whole);
    EXPECT_EQ(count_readable(), count) << "by reading, not from memory";
    EXPECT_TRUE(store_->snapshot()->bundles[0]->read_entries(count - 1, std::span(&entry, 1)).has_value());
}

TEST_F(LostPages, OfAnIndexAreAWrongIndexToAJoin) {
    const auto bundle = store_->snapshot()->bundles[0];
    std::filesystem::resize_file(path(), 8192);
    bundle::IndexStream stream(bundle, std::size_t{64} << 10);
    auto next = stream.next();
    while (next && *next) next = stream.next();
    EXPECT_EQ(next.error().code, Errc::bundle);
    EXPECT_FALSE(bundle->is_whole());
}

TEST_F(LostPages, OfASidecarAreMadeAnew) {
    const auto& bundle = store_->snapshot()->bundles[0];
    const auto first = store_->sidecars().open(bundle);
    ASSERT_TRUE(first.has_value());
    EXPECT_TRUE((*first)->at(count - 1).has_value());
    std::filesystem::resize_file(path(".rec"), 20);
    EXPECT_FALSE((*first)->at(count - 1).has_value());
    EXPECT_FALSE((*first)->is_good());
    const auto second = store_->sidecars().open(bundle);
    ASSERT_TRUE(second.has_value());
    EXPECT_NE(*first, *second);
    EXPECT_TRUE((*second)->at(count - 1).has_value());
}

}  // namespace
}  // namespace wcmp::store::test
