#include "message/admission.h"

#include "core/limits.h"

namespace wcmp::message {

std::string_view rule_name(Verdict verdict) {
    switch (verdict) {
    case Verdict::admitted: return "admitted";
    case Verdict::expired: return "expired";
    case Verdict::horizon:
    case Verdict::lifetime: return "lifetime";
    case Verdict::too_large: return "too_large";
    case Verdict::evicted: return "evicted";
    }
    return "admitted";
}

Verdict admit(Day expires, std::uint64_t length, const AdmissionRules& rules, const Today& today) {
    if (const auto day = check_day(expires, today); !day)
        return day.error().code == Errc::horizon ? Verdict::horizon : Verdict::expired;
    // Like the horizon, a lifetime cannot be judged by a clock that may stand still in the past.
    if (today.trusted && expires.number > std::uint64_t{today.trusted->number} + rules.lifetime_days_max)
        return Verdict::lifetime;
    if (length > rules.message_bytes_max) return Verdict::too_large;
    return Verdict::admitted;
}

}  // namespace wcmp::message
