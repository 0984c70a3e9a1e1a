// Cover: how many messages a visit brings, and the dummies among them (lib/bundle/BUNDLE.md, section 7).
#pragma once

#include "core/random.h"
#include "message/admission.h"
#include "store/state_file.h"

#include <vector>

namespace wcmp::store {

// From a geometric law on 0, 1, ... with this mean: exactly, for each step ends with a chance of
// 1 / (mean + 1). Error: not_seeded.
Result<std::uint64_t> draw_cover_count(std::uint32_t mean, Random& random);

// So many dummies as a client of this relay could have handed in: what a rule or the rank refuses is drawn
// anew, as that client would seal again. No key of theirs is kept. Errors: not_seeded; no_space when the
// relay refuses nearly everything.
Result<std::vector<Bytes>> seal_cover(std::uint64_t count, const message::AdmissionRules& rules,
                                      const State& state, const message::Today& today, Random& random);

}  // namespace wcmp::store
