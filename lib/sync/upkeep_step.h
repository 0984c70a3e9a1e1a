// One step of upkeep: some bundles become what is live and valid in them.
#pragma once

#include "sync/transfer.h"
#include "sync/upkeep.h"
#include "sync/visit_world.h"

namespace wcmp::sync {

// What the steps of one upkeep share.
struct UpkeepWorld {
    UpkeepSide& side;
    const UpkeepSettings& settings;
    const message::Today& today;
    Random& random;
    UpkeepResult& result;
    VisitProgress progress;
    const std::stop_token& stop;
    std::set<bundle::Name> left{};  // alone, until the end of this upkeep

    bool is_left_alone(const bundle::Name& name) const {
        return left.contains(name) || (settings.unreadable != nullptr && settings.unreadable->contains(name));
    }
};

class UpkeepWork {
public:
    UpkeepWork(UpkeepWorld& world, UpkeepReason reason, std::vector<bundle::Name> inputs)
        : world_(world), reason_(reason), inputs_(std::move(inputs)) {}

    // Where an input has vanished, is wrong or cannot be read, or where there is no room, all stays as it is;
    // the inputs are left alone then.
    Result<void> run();

private:
    Result<void> work();
    Result<bool> open();
    Result<bool> settle_wrong(const Plan& plan);
    Result<void> unite(Transfer& transfer);
    Result<void> committed(const CommittedPiece& piece);
    Result<void> take_inputs_away();
    Result<void> excuse(const Error& error, bool of_reading);
    Result<void> find_unreadable();
    void leave(const Error& error);
    void note_unreadable(const bundle::Name& name);
    void count_invalid(Errc code);

    UpkeepWorld& world_;
    UpkeepReason reason_;
    std::vector<bundle::Name> inputs_;
    Readers readers_;
    std::vector<bundle::Name> outputs_;
    std::size_t whole_pieces_ = 0;  // with everything that the inputs have of them
};

}  // namespace wcmp::sync
