#include "client/vault.h"

#include "io/memory.h"
#include "unit/client/cheap.h"

#include <gtest/gtest.h>

namespace wcmp::client {
namespace {

Bytes bytes_of(std::string_view text) {
    return {text.begin(), text.end()};
}

Letter a_letter() {
    Letter letter;
    letter.expires = Day{21'000};
    letter.own_key = "me";
    letter.contacts = {"bob"};
    return letter;
}

std::string umlauts(std::size_t count) {
    std::string text;
    while (count-- > 0) text += "\u00e4";
    return text;
}

// A key, a contact and a letter.
void fill(Profile& profile, Random& random) {
    profile.keys.push_back({"me", *message::SecretKey::generate(random)});
    profile.contacts.push_back({"bob", message::SecretKey::generate(random)->public_key()});
    profile.seen.add(Digest{}, Day{21'000});
    profile.cursor = "c1";
    profile.day = Day{20'000};
}

TEST(Profile, RoundTripsAndRefusesEveryPrefix) {
    SeededRandom random(1);
    Profile profile;
    fill(profile, random);
    profile.letters.push_back(a_letter());
    const auto bytes = encode_profile(profile);
    const auto decoded = decode_profile(bytes);
    ASSERT_TRUE(decoded);
    EXPECT_EQ(encode_profile(*decoded), bytes);
    EXPECT_EQ(decoded->keys[0].name, "me");
    EXPECT_EQ(decoded->contacts[0].key, profile.contacts[0].key);
    EXPECT_EQ(decoded->cursor, "c1");
    for (std::size_t length = 0; length < bytes.size(); ++length)
        EXPECT_FALSE(decode_profile(ByteView(bytes).first(length))) << length;
    auto longer = bytes;
    longer.push_back(0);
    EXPECT_FALSE(decode_profile(longer));
    auto newer = bytes;
    newer[3] = 2;
    EXPECT_EQ(decode_profile(newer).error().code, Errc::unsupported);
}

TEST(Profile, FindsByNameAndChecksNames) {
    SeededRandom random(1);
    Profile profile;
    fill(profile, random);
    EXPECT_NE(profile.find_key("me"), nullptr);
    EXPECT_EQ(profile.find_key("bob"), nullptr);
    EXPECT_NE(profile.find_contact("bob"), nullptr);
    EXPECT_NE(profile.find_contact(profile.contacts[0].key), nullptr);
    EXPECT_EQ(profile.find_letter(1), nullptr);
    EXPECT_TRUE(check_name("Zoë at work"));
    EXPECT_TRUE(check_name(umlauts(64)));  // characters, not bytes
    for (const auto& name : {std::string(), std::string(65, 'a'), std::string(" a"), std::string("a "),
                             std::string("a\x1b[2J"), std::string("a\nb"), std::string("a\tb"), umlauts(65),
                             std::string("a\xff"), std::string("\xc3"), std::string("a\u202eb")})
        EXPECT_FALSE(check_name(name)) << name;
}

// A home on a medium that may only be read, with what a crash left in it.
TEST(Vault, IsReadWhereNothingCanBeWritten) {
    io::MemoryFileSystem files(1);
    SeededRandom random(1);
    {
        auto vault = Vault::create(files.root(), "pass", cheap, random);
        ASSERT_TRUE(vault);
        ASSERT_TRUE(vault->add_letter(a_letter(), bytes_of("hello")));
        ASSERT_TRUE(vault->save());
        ASSERT_TRUE(vault->add_letter(a_letter(), bytes_of("an orphan")));
    }
    ASSERT_TRUE(files.root()->create("vault.new"));
    files.fail_at(files.steps(), {.os_error = EROFS, .lasts = io::Fault::Lasts::writes});
    auto vault = Vault::open(files.root(), "pass", random);
    ASSERT_TRUE(vault) << describe(vault.error());
    EXPECT_EQ(*vault->content(vault->profile().letters[0]), bytes_of("hello"));
    EXPECT_EQ(vault->save().error().code, Errc::read_only);
}

TEST(Vault, OfTwoThatMakeOneTheSecondWaits) {
    io::MemoryFileSystem files(1);
    SeededRandom random(1);
    auto lock = files.root()->lock();
    ASSERT_TRUE(lock);
    EXPECT_EQ(Vault::create(files.root(), "pass", cheap, random).error().code, Errc::busy);
    lock->reset();
    ASSERT_TRUE(Vault::create(files.root(), "pass", cheap, random));
    EXPECT_EQ(Vault::create(files.root(), "pass", cheap, random).error().code, Errc::exists);
}

TEST(Vault, KeepsWhatWasSaved) {
    io::MemoryFileSystem files(1);
    SeededRandom random(1);
    {
        auto vault = Vault::create(files.root(), "pass", cheap, random);
        ASSERT_TRUE(vault);
        fill(vault->profile(), random);
        ASSERT_TRUE(vault->add_letter(a_letter(), bytes_of("hello")));
        ASSERT_TRUE(vault->save());
        EXPECT_EQ(Vault::open(files.root(), "pass", random).error().code, Errc::busy);
    }
    files.power_cut();
    EXPECT_EQ(Vault::create(files.root(), "pass", cheap, random).error().code, Errc::exists);
    EXPECT_EQ(Vault::open(files.root(), "nope", random).error().code, Errc::wrong_passphrase);
    auto vault = Vault::open(files.root(), "pass", random);
    ASSERT_TRUE(vault);
    auto* const letter = vault->profile().find_letter(1);
    ASSERT_NE(letter, nullptr);
    EXPECT_EQ(*vault->content(*letter), bytes_of("hello"));
    const Letter copy = *letter;
    vault->remove_letter(1);
    EXPECT_TRUE(vault->content(copy));  // goes with the next save
    ASSERT_TRUE(vault->save());
    EXPECT_EQ(vault->content(copy).error().code, Errc::wrong_hash);
}

TEST(Vault, IsNotFoundWhereThereIsNone) {
    io::MemoryFileSystem files(1);
    SeededRandom random(1);
    EXPECT_EQ(Vault::open(files.root(), "pass", random).error().code, Errc::not_found);
    EXPECT_FALSE(*Vault::exists(*files.root()));
}

// The power fails at every step of adding a letter and saving: afterwards the vault is the old or the new
// one, and every letter that it names is whole.
TEST(Vault, SurvivesAPowerCutAtEveryStep) {
    for (std::uint64_t step = 0;; ++step) {
        io::MemoryFileSystem files(step + 1);
        SeededRandom random(step + 1);
        bool saved = false;
        {
            auto vault = Vault::create(files.root(), "pass", cheap, random);
            ASSERT_TRUE(vault);
            fill(vault->profile(), random);
            ASSERT_TRUE(vault->add_letter(a_letter(), bytes_of("first")));
            ASSERT_TRUE(vault->save());
            files.fail_at(files.steps() + step, {.os_error = EIO, .lasts = io::Fault::Lasts::all});
            saved = vault->add_letter(a_letter(), bytes_of("second")) && vault->save();
        }
        files.clear_faults();
        files.power_cut();
        const auto vault = Vault::open(files.root(), "pass", random);
        ASSERT_TRUE(vault) << step << ' ' << describe(vault.error());
        const auto& letters = vault->profile().letters;
        ASSERT_TRUE(letters.size() == 2 || (letters.size() == 1 && !saved)) << step;
        EXPECT_EQ(*vault->content(letters[0]), bytes_of("first"));
        EXPECT_EQ(*vault->content(letters.back()), bytes_of(letters.size() == 2 ? "second" : "first"));
        if (saved) break;
        ASSERT_LT(step, 100U);
    }
}

TEST(Vault, FindsAnAlteredLetter) {
    io::MemoryFileSystem files(1);
    SeededRandom random(1);
    auto vault = Vault::create(files.root(), "pass", cheap, random);
    ASSERT_TRUE(vault);
    ASSERT_TRUE(vault->add_letter(a_letter(), bytes_of("hello")));
    const Letter letter = vault->profile().letters[0];
    auto directory = files.root()->open_directory("letters");
    ASSERT_TRUE(directory);
    std::string name;
    ASSERT_TRUE((*directory)->list([&](std::string_view found) { name = found; }));
    {
        auto file = (*directory)->open_for_writing(name);
        ASSERT_TRUE(file);
        ASSERT_TRUE((*file)->write_at(14, bytes_of("X")));
    }
    EXPECT_EQ(vault->content(letter).error().code, Errc::wrong_hash);
}

}  // namespace
}  // namespace wcmp::client
