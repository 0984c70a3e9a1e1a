#include "node/repairs.h"

#include "log/log.h"

namespace wcmp::node {

Repairs::Repairs(Context& context, View& view) : context_(context), view_(view) {}

void Repairs::want(std::span<const bundle::Name> damaged) {
    if (damaged.empty()) return;
    context_.warnings.set("store_damaged", true);
    for (const auto& name : damaged)
        if (!tried_.contains(name)) wanted_.insert(name);
    start();
}

void Repairs::turn_is_free() {
    turn_was_free_ = true;
    start();
}

void Repairs::start() {
    if (repairing_ || wanted_.empty() || context_.stopping) return;
    repairing_ = true;
    turn_was_free_ = false;
    auto work = [&store = context_.store, &turn = context_.write_turn,
                 name = *wanted_.begin()]() -> std::optional<Result<store::Store::Salvaged>> {
        if (!turn.try_take(ShortWork::repair)) return std::nullopt;
        auto salvaged = store.salvage(name);
        turn.give_back();
        return salvaged;
    };
    context_.home.run(context_.store_worker, std::move(work),
                      [this, name = *wanted_.begin()](const auto& salvaged) { repaired(name, salvaged); });
}

void Repairs::tell(const Result<store::Store::Salvaged>& salvaged) {
    if (salvaged) {
        log::warning("a bundle of the store was damaged; what could be saved was saved; look at its disk");
        log::debug("saved " + std::to_string(salvaged->saved) + ", lost " + std::to_string(salvaged->lost));
    } else if (salvaged.error().code != Errc::not_found) {  // merged away meanwhile
        log::warning("a damaged bundle of the store could not be repaired: " + describe(salvaged.error()));
    }
}

void Repairs::repaired(const bundle::Name& name,
                       const std::optional<Result<store::Store::Salvaged>>& salvaged) {
    repairing_ = false;
    if (!salvaged) {
        if (turn_was_free_) start();
        return;
    }
    wanted_.erase(name);
    tried_.insert(name);
    context_.store_worked();
    view_.refresh();
    tell(*salvaged);
    start();
}

}  // namespace wcmp::node
