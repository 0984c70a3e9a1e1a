// Bech32m (BIP 350): bytes as one line of lower-case text with a checksum that finds typing errors.
//
// BIP 350 ends at 90 characters, up to which four errors are always found. A public key takes more; the
// checksum then still finds all but about one in a billion random errors.
#pragma once

#include "core/bytes.h"
#include "core/error.h"

#include <string>
#include <string_view>

namespace wcmp::client {

struct Bech32m {
    std::string prefix;
    Bytes data;
};

// `prefix` is of lower-case letters and digits.
std::string encode_bech32m(std::string_view prefix, ByteView data);

// Errc::invalid: not of this form, mixed case, wrong checksum, or bits that do not make whole bytes.
Result<Bech32m> decode_bech32m(std::string_view text);

// The same over 5-bit values, as BIP 350 has its vectors.
Result<std::pair<std::string, Bytes>> decode_bech32m_values(std::string_view text);

}  // namespace wcmp::client
