// Damaged bundles of the store that a visit or a reading came upon: each is replaced by what can be saved of
// it as soon as nobody else writes the store (lib/bundle/BUNDLE.md, section 8).
#pragma once

#include "node/view.h"

#include <set>
#include <span>

namespace wcmp::node {

class Repairs {
public:
    Repairs(Context& context, View& view);

    // Once for each name and run: what is left of one after that is for the next start.
    void want(std::span<const bundle::Name> damaged);
    // An importer has ended: a repair that waited for its turn goes on.
    void turn_is_free();

private:
    void start();
    static void tell(const Result<store::Store::Salvaged>& salvaged);
    void repaired(const bundle::Name& name, const std::optional<Result<store::Store::Salvaged>>& salvaged);

    Context& context_;
    View& view_;
    std::set<bundle::Name> wanted_;
    std::set<bundle::Name> tried_;
    bool repairing_ = false;
    bool turn_was_free_ = false;  // since the repair began
};

}  // namespace wcmp::node
