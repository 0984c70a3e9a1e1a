#include "rules.h"

#include "crypto/hmac.h"

namespace wcmp::sim {

bool Rules::is_beyond(Day day) const {
    constexpr std::uint32_t horizon = 182;
    return trusted && day.number > floor.number + horizon;
}

bool Rules::is_dead(const MessageKey& key) const {
    return key.day <= floor || is_beyond(key.day);
}

std::uint64_t Rules::rank(const MessageKey& key) const {
    const auto code = crypto::hmac_sha256(salt, key.id.view());
    std::uint64_t rank = 0;
    for (std::size_t i = 0; i < 8; ++i) rank = rank << 8 | code[i];
    return rank;
}

bool Rules::admits(const MessageKey& key, std::uint32_t length) const {
    const bool too_long = trusted && key.day.number > floor.number + lifetime_days_max;
    return !is_dead(key) && !too_long && length <= message_bytes_max && !evicts(key);
}

}  // namespace wcmp::sim
