// Writing a message with the keys and contacts of a profile.
#pragma once

#include "client/profile.h"
#include "core/random.h"

#include <optional>
#include <string>
#include <vector>

namespace wcmp::client {

struct Draft {
    std::vector<std::string> to{};  // names of contacts
    std::string from{};             // name of an own key; empty: the only one
    bool anonymous = false;         // signed with a key that is thrown away
    bool large = false;             // may be larger than what hides among dummies
    std::uint32_t lifetime_days = 28;
};

struct SealedLetter {
    Letter letter;  // to be kept until it expires
    Bytes message;
};

// Errors: not_found (a receiver, or the own key), invalid (no receiver; several own keys and none named),
// too_large, and those of message::seal().
Result<SealedLetter> compose(const Profile& profile, const Draft& draft, ByteView content, Day today,
                             Random& random);

}  // namespace wcmp::client
