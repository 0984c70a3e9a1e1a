// A public key as one line that people give to each other: "wcmp1...".
#pragma once

#include "core/error.h"
#include "message/key_material.h"

#include <string>
#include <string_view>

namespace wcmp::client {

std::string to_key_line(const message::PublicKey& key);

// White space around it is ignored. Errc::invalid for a typing error or another prefix; E_KEY for a key that
// is not one.
Result<message::PublicKey> parse_key_line(std::string_view line);

}  // namespace wcmp::client
