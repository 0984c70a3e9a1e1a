// The little that outlives a run: exact, or not believed; the old or the new one, whenever the power goes.
#include "store/state_file.h"

#include "core/crc32c.h"
#include "core/writer.h"
#include "test_store.h"

namespace wcmp::store::test {
namespace {

State sample_state() {
    State state;
    state.high_water = Day{20'123};
    state.eviction_salt.fill(0xa5);
    state.eviction_threshold = 0x0123'4567'89ab'cdef;
    state.ahead = AheadCount{7, Day{20'500}};
    return state;
}

TEST(StateFile, ComesBackAsItWas) {
    for (const bool has_high_water : {false, true}) {
        for (const bool has_ahead : {false, true}) {
            auto state = sample_state();
            if (!has_high_water) state.high_water.reset();
            if (!has_ahead) state.ahead.reset();
            const auto decoded = decode_state(encode_state(state));
            ASSERT_TRUE(decoded.has_value());
            EXPECT_EQ(*decoded, state);
        }
    }
}

TEST(StateFile, EveryChangedBitAndEveryOtherLengthIsFoundOut) {
    const auto whole = encode_state(sample_state());
    for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
        auto bytes = whole;
        bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        const auto decoded = decode_state(bytes);
        ASSERT_FALSE(decoded.has_value()) << bit;
        EXPECT_EQ(decoded.error().code, Errc::invalid) << bit;
    }
    for (std::size_t size = 0; size < whole.size(); ++size)
        EXPECT_EQ(decode_state(ByteView(whole).first(size)).error().code, Errc::invalid) << size;
    auto longer = whole;
    longer.push_back(0);
    EXPECT_EQ(decode_state(longer).error().code, Errc::invalid);
}

// Under a checksum that is right: a flag is 0 or 1.
TEST(StateFile, AFlagThatIsNoneIsNotBelieved) {
    for (const std::size_t place : {std::size_t{8}, std::size_t{8 + 1 + 4 + 32 + 8}}) {
        auto bytes = encode_state(sample_state());
        bytes[place] = 2;
        const auto end = bytes.size() - 4;
        put_number(MutableBytes(bytes).subspan(end, 4), crc32c(ByteView(bytes).first(end)));
        EXPECT_EQ(decode_state(bytes).error().code, Errc::invalid) << place;
    }
}

TEST(StateFile, IsMissingDamagedOrThere) {
    io::MemoryFileSystem files;
    const auto root = files.root();
    EXPECT_EQ(load_state(*root).error().code, Errc::not_found);
    ASSERT_TRUE(save_state(*root, sample_state()).has_value());
    EXPECT_EQ(load_state(*root).value(), sample_state());
    files.fail_read_at(files.reads() + 1);
    EXPECT_EQ(load_state(*root).error().code, Errc::io) << "not as if there were none";
}

// Removing any of the three syncs, or their order, makes this fail.
TEST(StateFile, APowerCutAtAnyStepLeavesTheOldOrTheNew) {
    auto before = sample_state();
    auto after = sample_state();
    after.high_water = Day{20'124};
    bool reached = true;
    for (std::uint64_t step = 0; reached; ++step) {
        for (std::uint64_t seed = 1; seed <= 40; ++seed) {
            io::MemoryFileSystem files(seed * 100 + step);
            ASSERT_TRUE(save_state(*files.root(), before).has_value());
            const auto cut = files.steps() + step;
            files.fail_at(cut, {.os_error = EIO, .lasts = io::Fault::Lasts::all});
            const auto saved = save_state(*files.root(), after);
            reached = files.steps() > cut;
            files.power_cut();
            const auto loaded = load_state(*files.root());
            ASSERT_TRUE(loaded.has_value()) << step << ' ' << seed;
            EXPECT_TRUE(*loaded == after || (!saved && *loaded == before)) << step << ' ' << seed;
            EXPECT_TRUE(save_state(*files.root(), after).has_value()) << "whatever was left behind";
        }
    }
}

TEST(State, IsWrittenOnlyWhenItDiffers) {
    TestStore store;
    store.expect_open();
    auto state = store->state();
    const auto steps = store.files.steps();
    ASSERT_TRUE(store->change_state([&](State& now) { now = state; }).has_value());
    EXPECT_EQ(store.files.steps(), steps);
    state.high_water = Day{20'001};
    ASSERT_TRUE(store->change_state([&](State& now) { now = state; }).has_value());
    EXPECT_GT(store.files.steps(), steps);
    store.power_cut();
    EXPECT_EQ(store->state(), state);
}

TEST(State, IsMadeAnewWhenItIsDamagedAndThatIsTold) {
    TestStore store;
    store.expect_open();
    EXPECT_FALSE(store.report.state_lost);
    const auto first = store->state();
    EXPECT_NE(first.eviction_salt, State{}.eviction_salt) << "drawn with the store";
    store.reopen();
    EXPECT_EQ(store->state(), first);
    auto bytes = store.contents("state");
    bytes[20] ^= 1;
    store.put("state", bytes);
    store.reopen();
    EXPECT_TRUE(store.report.state_lost);
    EXPECT_NE(store->state().eviction_salt, first.eviction_salt);
    EXPECT_FALSE(store->state().high_water.has_value());
    store.reopen();
    EXPECT_FALSE(store.report.state_lost);
}

TEST(State, AFailedSaveKeepsTheOldOneAndEndsAllWriting) {
    TestStore store;
    store.expect_open();
    const auto before = store->state();
    auto after = before;
    after.high_water = Day{20'777};
    store.files.fail_at(store.files.steps() + 2);
    const auto change = [&](State& now) { now = after; };
    EXPECT_FALSE(store->change_state(change).has_value());
    EXPECT_EQ(store->state(), before);
    EXPECT_TRUE(store->failing());
    EXPECT_EQ(store->change_state(change).error().code, Errc::store_failing);
}

}  // namespace
}  // namespace wcmp::store::test
