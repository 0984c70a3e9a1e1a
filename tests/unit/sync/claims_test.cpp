// Which claims are checked: uniform, however many stream by, and each bundle has its turn.
#include "core/limits.h"
#include "side.h"
#include "sync/claim_check.h"
#include "unit/bundle/watched_directory.h"

#include <algorithm>
#include <cmath>

namespace wcmp::sync::test {
namespace {

// Fails always: nothing may be drawn where nothing is to be chosen.
class NoRandom final : public Random {
public:
    Result<void> fill(MutableBytes /*into*/) override { return fail(Errc::not_seeded, "no random source"); }
};

class CountingRandom final : public Random {
public:
    Result<void> fill(MutableBytes into) override {
        ++calls;
        return random_.fill(into);
    }
    std::size_t calls = 0;

private:
    SeededRandom random_{1};
};

// Told apart by where they stand.
bundle::Entry claim(std::uint32_t offset) {
    return {.key = {}, .offset = offset, .length = 300};
}

std::vector<std::uint32_t> offsets(const ClaimSample& sample) {
    std::vector<std::uint32_t> kept;
    for (const auto& entry : sample.entries()) kept.push_back(entry.offset);
    return kept;
}

TEST(ClaimSample, KeepsAllWhenThereAreFew) {
    SeededRandom random(1);
    ClaimSample sample(8);
    for (std::uint32_t i = 0; i < 8; ++i) ASSERT_TRUE(sample.offer(claim(10 * i), random).has_value());
    EXPECT_EQ(offsets(sample), (std::vector<std::uint32_t>{0, 10, 20, 30, 40, 50, 60, 70}));
    EXPECT_EQ(sample.offered(), 8U);
}

TEST(ClaimSample, OfNothingNothingIsKept) {
    NoRandom random;
    ClaimSample sample(0);
    for (std::uint32_t i = 0; i < 100; ++i) ASSERT_TRUE(sample.offer(claim(i), random).has_value());
    EXPECT_TRUE(sample.entries().empty());
    EXPECT_EQ(sample.offered(), 100U);
}

TEST(ClaimSample, IsDistinctAndUniform) {
    for (const std::size_t size : {std::size_t{1}, std::size_t{3}, std::size_t{8}}) {
        constexpr std::uint32_t offered = 40;
        constexpr int runs = 8000;
        SeededRandom random(size);
        std::array<int, offered> kept{};
        for (int run = 0; run < runs; ++run) {
            ClaimSample sample(size);
            for (std::uint32_t i = 0; i < offered; ++i)
                ASSERT_TRUE(sample.offer(claim(i), random).has_value());
            const auto kept_now = offsets(sample);
            const std::set<std::uint32_t> distinct(kept_now.begin(), kept_now.end());
            ASSERT_EQ(distinct.size(), size);
            for (const auto offset : distinct) ++kept[offset];
        }
        const double share = static_cast<double>(size) / offered;
        const double expected = runs * share;
        const double deviation = std::sqrt(runs * share * (1 - share));
        for (const auto count : kept) EXPECT_NEAR(count, expected, 5 * deviation) << size;
    }
}

// A draw for each of a million claims would be a system call for each.
TEST(ClaimSample, DrawsHardlyEver) {
    CountingRandom random;
    ClaimSample sample(8);
    for (std::uint32_t i = 0; i < 1'000'000; ++i) ASSERT_TRUE(sample.offer(claim(i), random).has_value());
    EXPECT_LT(random.calls, 1000U);
    EXPECT_EQ(sample.entries().size(), 8U);
}

TEST(ClaimSample, TellsWhenThereIsNoRandomSource) {
    NoRandom random;
    ClaimSample sample(2);
    EXPECT_TRUE(sample.offer(claim(0), random).has_value());
    EXPECT_FALSE(sample.offer(claim(1), random).has_value());
}

TEST(ClaimsPerBundle, ShareOutTheChecksOfAVisit) {
    EXPECT_EQ(claims_per_bundle(0), 0U);
    EXPECT_EQ(claims_per_bundle(1), 8U);
    EXPECT_EQ(claims_per_bundle(32), 8U);
    EXPECT_EQ(claims_per_bundle(33), 7U);
    EXPECT_EQ(claims_per_bundle(256), 1U);
    EXPECT_EQ(claims_per_bundle(4096), 1U);
}

// Many bundles of one message each, on both sides.
struct ManyBundles {
    explicit ManyBundles(std::size_t count) {
        std::vector<bundle::test::Sample> all;
        for (std::size_t i = 0; i < count; ++i) {
            all.push_back(bundle::test::sample_message(random, first_day));
            put_bundle(*drive.root(), {all.back()});
        }
        put_bundle(*store.root(), all);
    }

    Plan plan() {
        ours = bundle::scan(*store.root(), today, 0, random)->bundles;
        if (theirs.empty()) theirs = bundle::scan(*drive.root(), today, 0, random)->bundles;
        auto made = make_plan({.store = ours,
                               .drive = theirs,
                               .distrusted = std::vector<bool>(theirs.size()),
                               .today = today,
                               .buffer_bytes = std::size_t{1} << 20},
                              random, {});
        EXPECT_TRUE(made.has_value());
        return std::move(*made);
    }

    std::size_t with_a_turn(const CheckTurns& turns) const {
        return static_cast<std::size_t>(std::ranges::count_if(theirs, [&](const auto& reader) {
            return turns.last(reader->name(), reader->header().file_bytes) > 0;
        }));
    }

    SeededRandom random{5};
    io::MemoryFileSystem store;
    io::MemoryFileSystem drive;
    Readers ours;
    Readers theirs;
};

TEST(FindLiars, BundlesThatWaitedLongestComeFirst) {
    ManyBundles many(600);
    CheckTurns turns;
    const auto plan = many.plan();
    for (const std::size_t expected : {256U, 512U, 600U}) {
        const auto liars = ClaimChecks(&turns).find_liars(plan, many.theirs, many.random, {});
        ASSERT_TRUE(liars.has_value());
        EXPECT_TRUE(liars->empty());
        EXPECT_EQ(many.with_a_turn(turns), expected);
    }
}

TEST(FindLiars, ALiarAmongManyIsFoundWithinThreeVisits) {
    ManyBundles many(600);
    const auto victim =
        bundle::to_string(bundle::scan(*many.drive.root(), today, 0, many.random)->bundles[77]->name());
    auto file = many.drive.root()->open_for_writing(victim);
    ASSERT_TRUE(file.has_value());
    ASSERT_TRUE((*file)->write_at(64 + 8 + 40 + 100, Bytes(1, 0xee)).has_value());
    file->reset();
    CheckTurns turns;
    std::size_t found = 0;
    const auto plan = many.plan();
    for (int i = 0; i < 3; ++i)
        found += ClaimChecks(&turns).find_liars(plan, many.theirs, many.random, {})->size();
    EXPECT_GE(found, 1U);
}

TEST(FindLiars, ADriveThatCannotBeReadHoldsNothing) {
    ManyBundles many(3);
    const auto plan = many.plan();
    many.drive.fail_read_at(many.drive.reads(), {.os_error = EIO, .lasts = io::Fault::Lasts::all});
    const auto liars = ClaimChecks(nullptr).find_liars(plan, many.theirs, many.random, {});
    ASSERT_TRUE(liars.has_value());
    EXPECT_EQ(liars->size(), 3U);
    for (const auto& liar : *liars) EXPECT_TRUE(liar.medium_failed);
}

// However often the plan is made: work that a drive can ask for stays within a visit's share.
TEST(FindLiars, EachBundleIsCheckedOnceInAVisit) {
    for (const std::size_t bundles : {3U, 600U}) {
        ManyBundles many(bundles);
        const auto plan = many.plan();
        ClaimChecks checks(nullptr);
        ASSERT_TRUE(checks.find_liars(plan, many.theirs, many.random, {}).has_value());
        const auto reads = many.drive.reads();
        ASSERT_TRUE(checks.find_liars(plan, many.theirs, many.random, {}).has_value());
        EXPECT_EQ(many.drive.reads(), reads) << bundles;
    }
}

// Those that hold nothing of ours have no claims to check, and take no share.
TEST(FindLiars, TheChecksAreSharedOutAmongThoseThatClaim) {
    SeededRandom random(8);
    io::MemoryFileSystem store;
    io::MemoryFileSystem drive;
    constexpr std::size_t carriers = 10;
    for (std::size_t i = 0; i < carriers; ++i) {
        const auto common = bundle::test::sample_messages(random, 40, first_day, 1);
        put_bundle(*store.root(), common);
        put_bundle(*drive.root(), common);
    }
    for (int i = 0; i < 250; ++i)
        put_bundle(*drive.root(), {bundle::test::sample_message(random, first_day)});
    std::size_t messages = 0;
    std::size_t reads = 0;
    bundle::test::Watch watch;
    watch.before = [&](const auto& place) -> Result<void> {
        reads += place.call == bundle::test::Call::read ? 1 : 0;
        messages += place.call == bundle::test::Call::read && place.offset >= 64 + 8 + 40 * 40 ? 1 : 0;
        return {};
    };
    const auto directory = bundle::test::watched(drive.root(), watch);
    const Readers ours = bundle::scan(*store.root(), today, 0, random)->bundles;
    const Readers theirs = bundle::scan(*directory, today, 0, random)->bundles;
    const auto plan = make_plan({.store = ours,
                                 .drive = theirs,
                                 .distrusted = std::vector<bool>(theirs.size()),
                                 .today = today,
                                 .buffer_bytes = std::size_t{1} << 20},
                                random, {});
    ASSERT_TRUE(plan.has_value());
    messages = reads = 0;
    ASSERT_TRUE(ClaimChecks(nullptr).find_liars(*plan, theirs, random, {}).has_value());
    EXPECT_EQ(messages, carriers * 8);
    EXPECT_EQ(reads, messages) << "what the plan has read of an index is not read again";
}

TEST(FindLiars, StopsWhenItIsTold) {
    ManyBundles many(3);
    const auto plan = many.plan();
    std::stop_source stop;
    stop.request_stop();
    const auto liars = ClaimChecks(nullptr).find_liars(plan, many.theirs, many.random, stop.get_token());
    ASSERT_FALSE(liars.has_value());
    EXPECT_EQ(liars.error().code, Errc::cancelled);
}

}  // namespace
}  // namespace wcmp::sync::test
