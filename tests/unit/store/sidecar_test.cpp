// Sidecars are believed only when they are exactly those of their bundle, and made again otherwise.
#include "store/sidecar.h"

#include "message/layout.h"
#include "message/seal.h"
#include "store/sidecar_layout.h"
#include "test_store.h"

namespace wcmp::store::test {
namespace {

struct SidecarTest : testing::Test {
    TestStore store;
    std::vector<Sample> messages;  // sorted: two of suite 1, two that nobody knows, and a large one
    std::shared_ptr<const bundle::Reader> bundle;
    std::string file;

    void SetUp() override {
        store.expect_open();
        messages = store.make(2);
        for (int i = 0; i < 2; ++i) messages.push_back(sealed());
        messages.push_back(store.make_one(first_day + 1, 20'000));
        std::ranges::sort(messages);
        bundle = hold(messages);
        file = sidecar_name(bundle->name());
    }
    Sample sealed() {
        const auto bytes = message::seal_dummy(Day{first_day}, store.random).value();
        const auto header = message::parse_header(bytes).value();
        message::Identifier identifier;
        return {{header.expires, identifier.identify(bytes).id}, bytes};
    }
    std::shared_ptr<const bundle::Reader> hold(const std::vector<Sample>& some) {
        const auto name = store.hold(some);
        for (const auto& held : store->snapshot()->bundles)
            if (held->name() == name) return held;
        throw std::runtime_error("it is not there");
    }
    // From the file, or made anew: not what this process has open.
    std::shared_ptr<const Sidecar> open() {
        auto opened = Sidecar::open(store->directory(), bundle);
        if (!opened) throw std::runtime_error(describe(opened.error()));
        return *opened;
    }
    void expect_record(const Sidecar& sidecar, std::uint32_t position) const {
        const auto& message = messages[position].bytes;
        const auto header = message::parse_header(message).value();
        const auto record = sidecar.at(position).value();
        EXPECT_EQ(record.suite, header.suite);
        if (header.suite != message::suite_1) {
            EXPECT_EQ(record.slot_exp, slot_exp_unknown);
            EXPECT_TRUE(record.to_tags.empty());
            return;
        }
        message::Identifier identifier;
        EXPECT_EQ(record.slot_exp, header.slot_exp);
        EXPECT_EQ(record.digest, identifier.identify(message).digest);
        EXPECT_EQ(record.nonce1, header.nonce1);
        EXPECT_EQ(record.from_tag, header.from_tag);
        ASSERT_EQ(record.to_tags.size(), std::size_t{16} << header.slot_exp);
        for (std::size_t slot = 0; slot < std::size_t{1} << header.slot_exp; ++slot)
            EXPECT_TRUE(std::ranges::equal(record.to_tags.subspan(slot * 16, 16),
                                           message::slot_at(message, header, slot).to_tag));
    }
    void expect_right(const Sidecar& sidecar) const {
        for (std::uint32_t position = 0; position < messages.size(); ++position)
            expect_record(sidecar, position);
    }
    std::size_t bundle_readings() const { return store.disk.readings(bundle::to_string(bundle->name())); }
};

TEST_F(SidecarTest, SaysOfEachMessageWhatItsReceiversLookFor) {
    expect_right(*open());
    EXPECT_TRUE(store.file_names().contains(file));
    const auto readings = bundle_readings();
    expect_right(*open());
    EXPECT_EQ(bundle_readings(), readings) << "out of the file: no body was read";
}

TEST_F(SidecarTest, AnyFlippedByteHasItMadeAgain) {
    open();
    const auto whole = store.contents(file);
    for (std::size_t place = 0; place < whole.size(); ++place) {
        auto bytes = whole;
        bytes[place] ^= 0x40;
        store.put_unsynced(file, bytes);
        expect_right(*open());
        ASSERT_EQ(store.contents(file), whole) << place;
    }
}

TEST_F(SidecarTest, OneOfAnotherLengthIsMadeAgain) {
    open();
    const auto whole = store.contents(file);
    auto longer = whole;
    longer.push_back(0);
    for (const auto& bytes : {Bytes{}, Bytes(whole.begin(), whole.end() - 1),
                              Bytes(whole.begin(), whole.begin() + sidecar_header_bytes), longer}) {
        store.put_unsynced(file, bytes);
        expect_right(*open());
        EXPECT_EQ(store.contents(file), whole) << bytes.size();
    }
}

TEST_F(SidecarTest, ThatOfAnotherBundleIsNotBelieved) {
    open();
    const auto whole = store.contents(file);
    const auto other = hold(store.make(messages.size()));
    ASSERT_TRUE(Sidecar::open(store->directory(), other).has_value());
    store.put_unsynced(file, store.contents(sidecar_name(other->name())));
    expect_right(*open());
    EXPECT_EQ(store.contents(file), whole);
}

// Not synced: whatever a power cut leaves of it.
TEST(Sidecar, APowerCutCostsNoMoreThanMakingItAgain) {
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
        TestStore store(seed);
        store.expect_open();
        store.hold(store.make(4));
        ASSERT_TRUE(store->sidecars().open(store->snapshot()->bundles[0]).has_value());
        store.power_cut();
        ASSERT_EQ(store->snapshot()->bundles.size(), 1U);
        const auto opened = store->sidecars().open(store->snapshot()->bundles[0]);
        ASSERT_TRUE(opened.has_value());
        EXPECT_EQ((*opened)->at(3)->suite, 2);
    }
}

// One message on a bad sector hides no other, and what could not be read today is read another day.
TEST_F(SidecarTest, AMessageThatCannotBeReadIsNamedLikeADamagedOne) {
    std::uint32_t large = 0;
    while (messages[large].bytes.size() < 20'000) ++large;
    store.disk.spoil(bundle::to_string(bundle->name()), place_in_bundle(messages, messages[large]) + 12'000,
                     8);
    const auto sidecar = open();
    EXPECT_EQ(sidecar->at(large)->suite, 0);
    EXPECT_EQ(sidecar->at(large)->slot_exp, slot_exp_unknown);
    for (std::uint32_t position = 0; position < messages.size(); ++position)
        if (position != large) expect_record(*sidecar, position);
    EXPECT_FALSE(store.file_names().contains(file)) << "it would outlive the trouble";
    store.disk.mend();
    expect_right(*open());
    EXPECT_TRUE(store.file_names().contains(file));
}

TEST_F(SidecarTest, ADamagedMessageHidesNoOther) {
    auto bytes = store.contents(bundle::to_string(bundle->name()));
    bytes[place_in_bundle(messages, messages[1]) + 40] ^= 1;
    store.put(bundle::to_string(bundle->name()), bytes);
    store.reopen();
    bundle = store->snapshot()->bundles[0];
    const auto sidecar = open();
    EXPECT_EQ(sidecar->at(1)->suite, 0);
    expect_record(*sidecar, 0);
    expect_record(*sidecar, 2);
}

TEST_F(SidecarTest, ADiskThatGivesNothingAnyMoreIsAnError) {
    store.disk.spoil(bundle::to_string(bundle->name()), 0, 1 << 20, ENODEV);
    const auto opened = Sidecar::open(store->directory(), bundle);
    ASSERT_FALSE(opened.has_value());
    EXPECT_EQ(opened.error().os_error, ENODEV);
}

TEST_F(SidecarTest, WhereItCannotBeWrittenItIsKeptInMemory) {
    store.files.fail_at(store.files.steps(), {.os_error = ENOSPC, .lasts = io::Fault::Lasts::writes});
    expect_right(*open());
    EXPECT_FALSE(store->failing());
    store.files.clear_faults();
    EXPECT_FALSE(store.file_names().contains(file));
}

TEST_F(SidecarTest, GoesWithItsBundle) {
    ASSERT_TRUE(store->sidecars().open(bundle).has_value());
    EXPECT_TRUE(store.file_names().contains(file));
    ASSERT_TRUE(store->publish({}, std::array{bundle->name()}).has_value());
    EXPECT_TRUE(store.file_names(".rec").empty());
    const auto opened = store->sidecars().open(bundle);  // by a reader of an old snapshot
    ASSERT_TRUE(opened.has_value());
    expect_right(**opened);
    EXPECT_TRUE(store.file_names(".rec").empty()) << "nothing of it stays";
}

TEST_F(SidecarTest, OrphansGoAtTheStartAndNothingElse) {
    open();
    const auto orphan = "20010-20012-" + std::string(32, 'a') + ".wcmp.rec";
    store.put(orphan, Bytes(100));
    store.put("notes.rec", Bytes(10));
    store.reopen();
    EXPECT_EQ(store.file_names(".rec"), (std::set<std::string>{file, "notes.rec"}));
}

}  // namespace
}  // namespace wcmp::store::test
