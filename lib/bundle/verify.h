// Reading a whole bundle: its index, and every message in it.
#pragma once

#include "bundle/reader.h"

#include <functional>
#include <stop_token>

namespace wcmp::bundle {

// E_BUNDLE, wrong_hash or a class of the format at the first thing that is wrong; the medium's errors;
// cancelled. Linear: each byte is read and hashed once.
Result<void> verify_all(const std::shared_ptr<const Reader>& reader, const std::stop_token& stop = {});

// The same, but a bad message does not end it: how many there are. Errors: E_BUNDLE when the index is wrong;
// the medium's; cancelled. Told after each message: how many bytes of the file have been gone through.
Result<std::uint64_t> count_bad_messages(const std::shared_ptr<const Reader>& reader,
                                         const std::function<void(std::uint64_t bytes)>& told,
                                         const std::stop_token& stop = {});

}  // namespace wcmp::bundle
