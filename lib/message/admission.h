// The rules that look at one message only: its length and its day (lib/bundle/BUNDLE.md, section 7).
// Pure functions; the first refusal is counted by name, never silent.
#pragma once

#include "message/relay_check.h"

#include <string_view>

namespace wcmp::message {

struct AdmissionRules {
    std::uint32_t lifetime_days_max = 182;
    std::uint64_t message_bytes_max = 1'114'112;
};

// `evicted` is never admit()'s: it takes a secret of the store.
enum class Verdict : std::uint8_t { admitted, expired, horizon, lifetime, too_large, evicted };
inline constexpr std::size_t verdict_count = 6;

// The name of the rule that refuses: "expired", "lifetime" (the horizon included), "too_large", "evicted".
std::string_view rule_name(Verdict verdict);

Verdict admit(Day expires, std::uint64_t length, const AdmissionRules& rules, const Today& today);

}  // namespace wcmp::message
