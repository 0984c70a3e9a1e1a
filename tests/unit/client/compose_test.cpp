#include "client/compose.h"

#include "message/layout.h"
#include "message/open.h"
#include "message/seal.h"

#include <gtest/gtest.h>

namespace wcmp::client {
namespace {

constexpr Day written_on{20'000};

class ComposeTest : public testing::Test {
protected:
    SeededRandom random{1};
    Profile profile;
    message::SecretKey bob = message::SecretKey::generate(random).value();

    void SetUp() override {
        profile.keys.push_back({"me", message::SecretKey::generate(random).value()});
        profile.contacts.push_back({"bob", bob.public_key()});
    }

    Result<SealedLetter> written_to(std::vector<std::string> to, std::string from = {}) {
        return compose(profile, {.to = std::move(to), .from = std::move(from)}, ByteView(), written_on,
                       random);
    }

    Result<message::Opened> bob_opens(ByteView message) {
        message::ReplaySet seen;
        const std::vector<message::PublicKey> contacts{profile.keys[0].secret.public_key()};
        return message::open(message, std::span(&bob, 1), contacts, {.floor = written_on}, seen);
    }
};

TEST_F(ComposeTest, SignsWithTheOnlyKey) {
    const auto sealed = written_to({"bob", "bob"});
    ASSERT_TRUE(sealed);
    EXPECT_EQ(sealed->letter.own_key, "me");
    EXPECT_EQ(sealed->letter.kind, LetterKind::sent);
    EXPECT_EQ(sealed->letter.expires, message::default_expiry(written_on, 28));
    EXPECT_EQ(sealed->letter.id, message::message_id(sealed->message));
    EXPECT_EQ(message::parse_header(sealed->message)->expires, sealed->letter.expires);
    const auto opened = bob_opens(sealed->message);
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->sender, profile.keys[0].secret.public_key());
}

TEST_F(ComposeTest, AnonymousNeedsNoKeyAndShowsNone) {
    profile.keys.push_back({"second", message::SecretKey::generate(random).value()});
    const auto sealed = compose(profile, {.to = {"bob"}, .anonymous = true}, ByteView(), written_on, random);
    ASSERT_TRUE(sealed);
    EXPECT_EQ(sealed->letter.own_key, "");
    const auto opened = bob_opens(sealed->message);
    ASSERT_TRUE(opened);
    EXPECT_FALSE(opened->sender);
}

TEST_F(ComposeTest, SaysWhoIsMissing) {
    EXPECT_EQ(written_to({}).error().code, Errc::invalid);
    EXPECT_EQ(written_to({"carol"}).error().code, Errc::not_found);
    EXPECT_EQ(written_to({"bob"}, "other").error().code, Errc::not_found);
    profile.keys.push_back({"second", message::SecretKey::generate(random).value()});
    EXPECT_EQ(written_to({"bob"}).error().code, Errc::invalid);
    EXPECT_EQ(written_to({"bob"}, "second")->letter.own_key, "second");
    profile.keys.clear();
    EXPECT_EQ(written_to({"bob"}).error().code, Errc::not_found);
}

TEST_F(ComposeTest, LargeOnlyOnRequest) {
    const Bytes fits(message::content_bytes_max(message::unasked_body_exp_max));
    const Bytes large(fits.size() + 1);
    const Draft draft{.to = {"bob"}};
    const Draft allowed{.to = {"bob"}, .large = true};
    EXPECT_TRUE(compose(profile, draft, fits, written_on, random));
    EXPECT_EQ(compose(profile, draft, large, written_on, random).error().code, Errc::too_large);
    const auto sealed = compose(profile, allowed, large, written_on, random);
    ASSERT_TRUE(sealed);
    EXPECT_EQ(bob_opens(sealed->message)->content, large);
    const Bytes too_large(message::content_bytes_max(limits::body_exp_max) + 1);
    EXPECT_EQ(compose(profile, allowed, too_large, written_on, random).error().code, Errc::too_large);
}

}  // namespace
}  // namespace wcmp::client
