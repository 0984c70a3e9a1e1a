// Everything that was ever written in this world.
#pragma once

#include "dice.h"
#include "look.h"
#include "unit/bundle/sample.h"

namespace wcmp::sim {

class Mail {
public:
    explicit Mail(std::uint64_t seed) : dice_(seed) {}

    // A message of a suite that is not known: relays carry it unread.
    bundle::test::Sample write(Day expires, std::size_t length);

    // Whatever lies anywhere was written by somebody, unless it has long been dead.
    bool was_written(const MessageKey& key) const { return written_.contains(key) || key.day < oldest_; }
    std::uint64_t count() const { return count_; }
    void forget_before(Day day);

private:
    Dice dice_;
    std::set<MessageKey> written_;
    Day oldest_{};
    std::uint64_t count_ = 0;
};

// What people send: mostly short, and not always for long.
std::size_t usual_length(Dice& dice);
Day usual_expiry(Dice& dice, Day today);

}  // namespace wcmp::sim
