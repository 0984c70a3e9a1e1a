// Messages to nobody, and the table of shapes that they share with real ones (FORMAT.md, sections 7 and 11).
#include "message/layout.h"
#include "message/seal.h"

namespace wcmp::message {
namespace {

template <std::size_t N>
struct Weighted {
    std::array<std::uint32_t, N> values;
    std::array<std::uint32_t, N> weights;
};

// 70, 10, 8, 5 and 3 %, and 4 % for the last three together, in 300ths.
constexpr Weighted<8> body_exps{{10, 11, 12, 13, 14, 15, 16, 17}, {210, 30, 24, 15, 9, 4, 4, 4}};
constexpr Weighted<3> slot_exps{{2, 3, 4}, {80, 15, 5}};
// Days. 28 in nine of ten, the others alike.
constexpr Weighted<4> lifetimes{{28, 7, 56, 168}, {27, 1, 1, 1}};

template <std::size_t N>
Result<std::uint32_t> draw(const Weighted<N>& table, Random& random) {
    std::uint64_t total = 0;
    for (const auto weight : table.weights) total += weight;
    WCMP_ASSIGN(auto left, uniform(random, total));
    std::size_t i = 0;
    while (left >= table.weights[i]) left -= table.weights[i++];
    return table.values[i];
}

}  // namespace

Day default_expiry(Day today, std::uint32_t lifetime_days) {
    constexpr std::uint32_t week = 7;
    const auto day = today.number + lifetime_days;
    return Day{(day + week - 1) / week * week};
}

Result<Bytes> seal_dummy(Day today, Random& random) {
    WCMP_ASSIGN(const auto body_exp, draw(body_exps, random));
    WCMP_ASSIGN(const auto slot_exp, draw(slot_exps, random));
    WCMP_ASSIGN(const auto lifetime, draw(lifetimes, random));
    WCMP_ASSIGN(const auto nobody, SecretKey::generate(random));
    return seal({.sender = &nobody,
                 .receivers = {},
                 .content = {},
                 .expires = default_expiry(today, lifetime),
                 .body_exp = body_exp,
                 .slot_exp = slot_exp},
                random);
}

}  // namespace wcmp::message
