#include "api/media_type.h"

#include "api/ascii.h"

namespace wcmp::api {
namespace {

// How closely a media range fits: 3 the type itself, 2 "type/*", 1 "*/*", 0 not at all.
int closeness(std::string_view range, std::string_view type) {
    if (equal_ignoring_case(range, type)) return 3;
    if (range == "*/*") return 1;
    if (!range.ends_with("/*")) return 0;
    range.remove_suffix(1);
    return equal_ignoring_case(range, type.substr(0, range.size())) ? 2 : 0;
}

// "0.5" in thousandths; what cannot be read counts as 1.
int quality(std::string_view parameters) {
    while (!parameters.empty()) {
        const auto parameter = trimmed(next_item(parameters, ';'));
        if (parameter.size() < 3 || (parameter[0] != 'q' && parameter[0] != 'Q') || parameter[1] != '=')
            continue;
        if (parameter[2] != '0') return 1000;
        int value = 0;
        for (std::size_t i = 4, scale = 100; i < 7 && i < parameter.size(); ++i, scale /= 10)
            if (parameter[i] >= '0' && parameter[i] <= '9')
                value += (parameter[i] - '0') * static_cast<int>(scale);
        return value;
    }
    return 1000;
}

// The closest range decides (RFC 9110, section 12.5.1).
int quality_of(std::string_view accept, std::string_view type) {
    int best_fit = 0;
    int result = 0;
    while (!accept.empty()) {
        auto item = next_item(accept, ',');
        const auto range = trimmed(next_item(item, ';'));
        const int fit = closeness(range, type);
        if (fit <= best_fit) continue;
        best_fit = fit;
        result = quality(item);
    }
    return result;
}

}  // namespace

bool has_type(std::string_view content_type, std::string_view type) {
    return content_type.empty() || equal_ignoring_case(trimmed(next_item(content_type, ';')), type);
}

std::optional<std::string_view> choose(std::string_view accept, std::span<const std::string_view> offers) {
    if (trimmed(accept).empty()) return offers.front();
    std::optional<std::string_view> result;
    int best = 0;
    for (const auto offer : offers) {
        const int value = quality_of(accept, offer);
        if (value <= best) continue;
        best = value;
        result = offer;
    }
    return result;
}

}  // namespace wcmp::api
