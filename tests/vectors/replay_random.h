// Randomness that was drawn before, given out again in the same order.
#pragma once

#include "core/random.h"

namespace wcmp::vectors {

class ReplayRandom final : public Random {
public:
    explicit ReplayRandom(Bytes draws) : draws_(std::move(draws)) {}

    // Errc::not_seeded when more is asked for than was drawn.
    Result<void> fill(MutableBytes into) override {
        if (into.size() > draws_.size() - used_) return fail(Errc::not_seeded, "the draws are used up");
        std::copy_n(draws_.begin() + static_cast<std::ptrdiff_t>(used_), into.size(), into.begin());
        used_ += into.size();
        return {};
    }

    bool used_up() const { return used_ == draws_.size(); }

private:
    Bytes draws_;
    std::size_t used_ = 0;
};

}  // namespace wcmp::vectors
