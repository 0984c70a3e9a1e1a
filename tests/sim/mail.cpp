#include "mail.h"

namespace wcmp::sim {

bundle::test::Sample Mail::write(Day expires, std::size_t length) {
    auto message = bundle::test::sample_message(dice_.random(), expires.number, length);
    written_.insert(message.key);
    ++count_;
    return message;
}

void Mail::forget_before(Day day) {
    oldest_ = std::max(oldest_, day);
    written_.erase(written_.begin(), written_.lower_bound({.day = oldest_, .id = {}}));
}

std::size_t usual_length(Dice& dice) {
    if (dice.one_in(2000)) return (std::size_t{1} << 20) + dice.below(100'000);
    if (dice.one_in(20)) return 256 + dice.below(40'000);
    return 256 + dice.mostly_small(6000);
}

Day usual_expiry(Dice& dice, Day today) {
    const auto lifetime = dice.one_in(3) ? dice.between(1, 182) : dice.between(1, 20);
    return {today.number + static_cast<std::uint32_t>(lifetime)};
}

}  // namespace wcmp::sim
